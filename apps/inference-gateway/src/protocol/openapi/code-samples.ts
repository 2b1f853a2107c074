import type { ModelSignature, TensorSpec } from "@podium/shared";
import type { Endpoint } from "../../routing/endpoint.ts";
import { exampleShape, rawBytes } from "./example.ts";

/** Programs that call the model as they stand, with the key in `PODIUM_KEY`. */
export function codeSamples(
  signature: ModelSignature,
  example: object | undefined,
  endpoint: Endpoint,
  origin: string,
) {
  const url = `${origin}/v2/models/${endpoint.name}/infer`;
  const raw = rawBytes(signature.inputs);
  return [
    ...(example ? [{ lang: "Shell", label: "JSON", source: curlJson(url, example, endpoint) }] : []),
    ...(raw === null ? [] : [{ lang: "Shell", label: "Raw bytes", source: curlRaw(url, raw, endpoint) }]),
    { lang: "Python", label: "tritonclient", source: python(signature.inputs, endpoint, origin) },
  ];
}

function curlJson(url: string, example: object, endpoint: Endpoint): string {
  const body = JSON.stringify(example).replaceAll("'", "'\\''");
  return `curl -X POST '${url}'${keyOf(endpoint)} \\\n  -H 'Content-Type: application/json' -d '${body}'`;
}

function curlRaw(url: string, bytes: number, endpoint: Endpoint): string {
  return `head -c ${bytes} /dev/zero | curl -X POST '${url}'${keyOf(endpoint)} \\
  -H 'Inference-Header-Content-Length: 0' --data-binary @- --output -`;
}

const keyOf = ({ isPublic }: Endpoint) => (isPublic ? "" : ` \\\n  -H "Authorization: Bearer $PODIUM_KEY"`);

/** numpy's name of a datatype, as the public client wants its arrays. */
function dtypeOf(datatype: TensorSpec["datatype"]): string {
  if (datatype === "BOOL") return '"bool"';
  if (datatype === "BYTES") return '"object"';
  if (datatype === "BF16") return "ml_dtypes.bfloat16";
  return datatype.startsWith("FP") ? `"float${datatype.slice(2)}"` : `"${datatype.toLowerCase()}"`;
}

function python(inputs: readonly TensorSpec[], endpoint: Endpoint, origin: string): string {
  const { host, protocol } = new URL(origin);
  const tensors = inputs.map((spec) => {
    const shape = `[${exampleShape(spec).join(", ")}]`;
    const dtype = dtypeOf(spec.datatype);
    const array =
      spec.datatype === "BYTES"
        ? `numpy.full(${shape}, "text", ${dtype})`
        : `numpy.zeros(${shape}, ${dtype})`;
    const name = JSON.stringify(spec.name);
    return `    http.InferInput(${name}, ${shape}, "${spec.datatype}").set_data_from_numpy(${array}),`;
  });
  const widened = inputs.some(({ datatype }) => datatype === "BF16") ? "import ml_dtypes\n" : "";
  return `import os
${widened}import numpy
import tritonclient.http as http

client = http.InferenceServerClient("${host}"${protocol === "https:" ? ", ssl=True" : ""})
inputs = [
${tensors.join("\n")}
]
headers = {"Authorization": "Bearer " + os.environ.get("PODIUM_KEY", "")}
answer = client.infer("${endpoint.name}", inputs, headers=headers)
for output in answer.get_response()["outputs"]:
    print(output["name"], answer.as_numpy(output["name"]))
`;
}
