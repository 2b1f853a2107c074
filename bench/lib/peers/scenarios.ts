import type { Target } from "../load.ts";

/** What is asked of every server; the models of the peers are in bench/peers/model.py. */
export const SCENARIOS = ["noop", "mlp", "image-json", "image-binary"] as const;
export type Scenario = (typeof SCENARIOS)[number];

const JSON_TYPE = { "content-type": "application/json" };
const ROW = { x: Array.from({ length: 16 }, (_, at) => Math.round(1000 * Math.sin(at)) / 1000) };
const SHAPE = [1, 3, 224, 224];
/** Pixels as a photo's are: no two alike, six digits in JSON. */
const IMAGE = Float32Array.from({ length: 3 * 224 * 224 }, (_, at) => ((at * 7919) % 65_521) / 65_521);

/** The body that a server takes which was written for it, one route a model. */
export function plainTarget(scenario: Scenario, url: string): Target {
  if (scenario === "image-binary")
    return { url, body: bytesOf(IMAGE), headers: { "content-type": "application/octet-stream" } };
  if (scenario === "image-json")
    return { url, body: JSON.stringify({ image: nested() }), headers: JSON_TYPE };
  return { url, body: JSON.stringify(ROW), headers: JSON_TYPE };
}

/** The same question in the Open Inference Protocol. @param url of `…/infer` */
export function openInferenceTarget(scenario: Scenario, url: string): Target {
  const isImage = scenario.startsWith("image");
  const input = { name: "x", datatype: "FP32", shape: isImage ? SHAPE : [1, 16] };
  if (scenario !== "image-binary") {
    const data = isImage ? [...IMAGE] : ROW.x;
    return { url, body: JSON.stringify({ inputs: [{ ...input, data }] }), headers: JSON_TYPE };
  }
  const bytes = bytesOf(IMAGE);
  const parameters = { binary_data_size: bytes.byteLength };
  const head = Buffer.from(JSON.stringify({ inputs: [{ ...input, parameters }] }));
  const headers = {
    "content-type": "application/octet-stream",
    "inference-header-content-length": String(head.byteLength),
  };
  return { url, body: Buffer.concat([head, bytes]), headers };
}

function nested() {
  const [, channels = 0, height = 0, width = 0] = SHAPE;
  const row = (channel: number, y: number) => {
    const start = (channel * height + y) * width;
    return [...IMAGE.subarray(start, start + width)];
  };
  return [
    Array.from({ length: channels }, (_, channel) =>
      Array.from({ length: height }, (__, y) => row(channel, y)),
    ),
  ];
}

const bytesOf = (numbers: Float32Array) => new Uint8Array(numbers.buffer);
