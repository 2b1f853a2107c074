import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { dirname, join } from "node:path";
import { echoModel, SERVED_DATATYPES } from "../apps/onnx-server/src/testing/models.ts";
import { rootDir } from "../scripts/setup/paths.mjs";
import { requires, testIf } from "../scripts/testing/requires.ts";
import { InferClient } from "./conformance/client.ts";
import { ECHOES, NUMPY_ECHOES, OF_ONE_INPUT } from "./conformance/models.ts";
import type { Exchange } from "./conformance/recorder.ts";
import { describeConformance } from "./conformance/suite.ts";
import { runTritonClient } from "./conformance/triton.ts";
import exchanges from "./conformance/triton-exchanges.json";
import { type ServingChain, startServingChain } from "./lib/serving-chain.ts";

setDefaultTimeout(60_000);

let chain: ServingChain;
/** the same scripts with numpy, where that is */
let numpy: ServingChain | null = null;
beforeAll(async () => {
  chain = await startServingChain([...ECHOES, ...OF_ONE_INPUT, ONNX_ECHO]);
  const { path: python } = requires("tritonclient");
  if (python) numpy = await startServingChain(NUMPY_ECHOES, `${dirname(python)}:${Bun.env["PATH"]}`);
}, 120_000);
afterAll(async () => {
  await chain[Symbol.asyncDispose]();
  await numpy?.[Symbol.asyncDispose]();
});
/** Without BYTES: its texts can't hold the NUL that one of the samples has. */
const ONNX_DATATYPES = SERVED_DATATYPES.filter((datatype) => datatype !== "BYTES");
const ONNX_ECHO = { name: "onnx", files: { "model.onnx": echoModel(ONNX_DATATYPES, ["N", 2]) } };

const client = (model: string) => new InferClient(chain.url, chain.key, model);

describeConformance("a script that takes a list of rows", () => client("batch"));
describeConformance("an ONNX file", () => client("onnx"));
describeConformance("a script that takes one row", () => client("single"));
for (const { name } of NUMPY_ECHOES) {
  const model = () => new InferClient(numpy?.url ?? "", numpy?.key ?? "", name);
  describeConformance(`a script that works with numpy, ${name}`, model, (what, body) =>
    testIf("tritonclient", what, body),
  );
}

describe("a body that is one raw input", () => {
  const RAW = { "inference-header-content-length": "0" };
  const floats = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);

  test("its rows follow from its size, and the answer is raw, too", async () => {
    const answer = await client("raw").send(floats(1, 2, 3, 4, 5, 6), RAW);
    expect(answer.document.outputs?.[0]?.shape).toEqual([2, 3]);
    expect(Buffer.from(answer.raw.get("x") ?? "")).toEqual(Buffer.from(floats(2, 4, 6, 8, 10, 12)));
  });

  test("text is one element", async () => {
    const answer = await client("text").send("no length before it", RAW);
    expect(answer.document.outputs?.[0]?.shape).toEqual([1]);
    const element = Buffer.from(answer.raw.get("text") ?? "");
    expect(element.subarray(4).toString()).toBe("no length before it");
  });

  test("one that does not fit, or a model of several inputs, is 400", async () => {
    const short = await client("raw").send(floats(1, 2, 3).subarray(1), RAW);
    expect([short.status, short.document.error]).toEqual([
      400,
      expect.stringMatching(/'x'.*multiple of 12.*11/),
    ]);
    const several = await client("batch").send(floats(1), RAW);
    expect([several.status, several.document.error]).toEqual([
      400,
      expect.stringMatching(/more than one input/),
    ]);
  });
});

describe("an endpoint's OpenAPI document", () => {
  interface Operation {
    requestBody?: { content: Record<string, { example?: unknown }> };
    "x-codeSamples"?: { lang: string; source: string }[];
  }
  interface Document {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
  }
  const headers = () => ({ authorization: `Bearer ${chain.key}` });
  const documentOf = async (model: string) => {
    const answer = await fetch(`${chain.url}/${model}/openapi.json`, { headers: headers() });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Document;
  };

  test.each(["batch", "single", "raw", "text"])(
    "its examples are answered as they stand: %s",
    async (model) => {
      const { paths } = await documentOf(model);
      let examples = 0;
      for (const [path, operations] of Object.entries(paths)) {
        const example = operations["post"]?.requestBody?.content["application/json"]?.example;
        if (example === undefined) continue;
        examples += 1;
        const body = JSON.stringify(example);
        const answer = await fetch(chain.url + path, { method: "POST", body, headers: headers() });
        expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.any(String)]);
      }
      // FP16 and BF16 have no JSON form, so a model that takes them has no example of tensors in JSON.
      expect(examples).toBe(model === "batch" || model === "single" ? 2 : 3);
    },
  );

  test("it is for those who may call, and names every path with its operation", async () => {
    expect((await fetch(`${chain.url}/raw/openapi.json`)).status).toBe(401);
    expect((await fetch(`${chain.url}/nobody/openapi.json`, { headers: headers() })).status).toBe(404);
    const { openapi, paths } = await documentOf("raw");
    expect(openapi).toBe("3.1.0");
    for (const [path, operations] of Object.entries(paths)) {
      // A job that this path could be of has not been made.
      if (!operations["get"] || path.includes("{id}")) continue;
      const at = chain.url + path.replace("{version}", "1");
      expect((await fetch(at, { headers: headers() })).status).toBe(200);
    }
  });

  testIf("tritonclient", "its Python programs run as they stand", async () => {
    const python = requires("tritonclient").path ?? "";
    for (const model of ["batch", "raw", "text"]) {
      const { paths } = await documentOf(model);
      const samples = paths[`/v2/models/${model}/infer`]?.["post"]?.["x-codeSamples"] ?? [];
      const source = samples.find(({ lang }) => lang === "Python")?.source ?? "";
      const env = { PATH: Bun.env["PATH"] ?? "", PODIUM_KEY: chain.key };
      const program = Bun.spawn([python, "-c", source], { env, stdout: "pipe", stderr: "pipe" });
      const output = await new Response(program.stdout).text();
      expect([await program.exited, await new Response(program.stderr).text()]).toEqual([0, ""]);
      expect(output).toContain(model === "batch" ? "x_BF16" : model === "raw" ? "x" : "text");
    }
  });
});

describe("the public Python client, tritonclient", () => {
  test.each(["batch", "single"])("what it once sent is answered as it was then: %s", async (model) => {
    for (const exchange of exchanges as Exchange[]) {
      const { method, path, headers, body, answer } = exchange;
      const response = await fetch(chain.url + path.replace("/models/batch", `/models/${model}`), {
        method,
        headers: { ...headers, authorization: `Bearer ${chain.key}` },
        ...(method === "GET" ? {} : { body: Buffer.from(body, "base64") }),
      });
      const was = new Response(Buffer.from(answer.body, "base64"), { ...answer });
      expect(await contentOf(response)).toEqual(await contentOf(was));
    }
    expect(exchanges.length).toBeGreaterThan(10);
  });

  testIf("tritonclient", "works unmodified with its defaults, with scripts that use numpy", async () => {
    const python = requires("tritonclient").path ?? "";
    for (const { url, key } of numpy ? [chain, numpy] : []) {
      await runTritonClient(python, url.slice("http://".length), key, ["batch", "single"]);
    }
  });

  testIf("tritonclient", "the SDK's tensors are the same with numpy", () => {
    const python = requires("tritonclient").path ?? "";
    const script = join(rootDir, "sdk", "python", "tests", "numpy_tensors.py");
    const { exitCode, stderr } = Bun.spawnSync([python, script]);
    expect([exitCode, stderr.toString()]).toEqual([0, expect.stringContaining("OK")]);
  });
});

/** All that a client reads of an answer but the model's name. */
async function contentOf(response: Response) {
  const body = await response.bytes();
  const length = Number(response.headers.get("inference-header-content-length") ?? body.byteLength);
  const text = Buffer.from(body.subarray(0, length)).toString();
  const { name: _, model_name: __, ...document } = JSON.parse(text || "{}") as Record<string, unknown>;
  const tail = Buffer.from(body.subarray(length)).toString("hex");
  return { status: response.status, type: response.headers.get("content-type"), document, tail };
}
