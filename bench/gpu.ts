// What a node with an NVIDIA GPU does: pinning, shares, figures, training and serving with torch and with ONNX Runtime.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startStack } from "../scripts/stack/stack.ts";
import { logIn, must, signUp } from "../tests/lib/person.ts";
import { callRate } from "./lib/gpu/call-rate.ts";
import { GpuNode } from "./lib/gpu/gpu-node.ts";
import { report } from "./lib/report.ts";
import { temporaryFolder } from "./lib/temporary-folder.ts";

const TRAIN_SECONDS = "20";
const SEE = script("see.py");
const NETWORK = script("network.py");
const WHOLE = { gpus: 1, cpu_milli: 4000, memory_bytes: 16 * 1024 ** 3 };
const HALF = { ...WHOLE, gpu_milli: 500 };

const figures: Record<string, number> = {};
const bare = await bareRun();
figures["train_bare_images_per_s"] = bare["images_per_second"] ?? 0;
for (const rows of [1, 64]) figures[`infer_bare_batch_${rows}_images_per_s`] = bare[`infer_${rows}`] ?? 0;

using folder = temporaryFolder("podium-bench-gpu-");
const env = { PODIUM_EXECUTOR: "process", PODIUM_NODE_NAME: "gpu-node", ...passed() };
const stack = await startStack({ dataDir: join(folder.path, "data"), fresh: true, env });
try {
  const admin = await logIn(stack.hubUrl, stack.admin);
  const person = await signUp(stack.hubUrl);
  const grant = { team: person.team, amount: 1_000_000_000, memo: "" };
  must(await admin.api.POST("/api/v1/credits/grants", { body: grant }));
  const node = new GpuNode(stack, person);
  await pinning(node);
  await shares(node);
  const trained = await training(node);
  await stopping(node);
  await serving(node, trained);
} finally {
  await stack.stop();
}
report({ bench: "gpu", figures, aims: [] });

/** The script as its user would run it without Podium. */
async function bareRun(): Promise<Record<string, number>> {
  const sdk = join(import.meta.dir, "../sdk/python/src");
  const child = Bun.spawn(["python3", join(import.meta.dir, "lib/gpu/network.py"), TRAIN_SECONDS, "infer"], {
    env: { ...process.env, PYTHONPATH: sdk },
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = (await new Response(child.stdout).text()).trim().split("\n");
  if ((await child.exited) !== 0)
    throw new Error("The network does not train here, not even without Podium.");
  return JSON.parse(lines.at(-1) ?? "");
}

/** Who asked for a GPU sees that one, who did not sees none. */
async function pinning(node: GpuNode) {
  const { device } = await node.device();
  const without = await node.saidBy(SEE, ["0"], { ...WHOLE, gpus: 0 });
  same("a session without a GPU sees", without, { visible: "", devices: 0, nodes: [] });
  const { visible, devices, nodes } = await node.saidBy(SEE, ["0"], WHOLE);
  same("a session with a GPU sees", { visible, devices }, { visible: device.uuid, devices: 1 });
  console.error(`a session with a GPU sees ${device.model} as ${visible} and ${JSON.stringify(nodes)}`);
}

/** Two halves run beside each other; a third waits, and is told why. */
async function shares(node: GpuNode) {
  const both = [await node.run(SEE, ["600"], HALF), await node.run(SEE, ["600"], HALF)];
  for (const { id } of both) await node.firstLine(id);
  const third = await node.run(SEE, ["0"], HALF);
  const why = await node.why(third.id);
  console.error(`a third half waits: ${why}`);
  const { memory_bytes } = await node.untilDevice(
    "2 GiB are held",
    (used) => used.memory_bytes > 2 * 1024 ** 3,
  );
  console.error(`two halves hold ${(memory_bytes / 1024 ** 3).toFixed(1)} GiB together`);
  for (const { id } of both) await node.stop(id);
  await node.succeeded(third.id);
}

/** Trains as a session; returns its id, whose checkpoint is served afterwards. */
async function training(node: GpuNode): Promise<string> {
  const { id } = await node.run(NETWORK, [TRAIN_SECONDS], HALF);
  let busiest = 0;
  const busy = node.untilDevice("the GPU is busy", ({ utilization }) => {
    busiest = Math.max(busiest, utilization ?? 0);
    return busiest > 0.8;
  });
  const { power_watts, temperature_celsius } = await busy;
  await node.succeeded(id);
  const said = await node.said(id);
  figures["train_session_images_per_s"] = said["images_per_second"];
  figures["train_session_of_bare"] = said["images_per_second"] / (bare["images_per_second"] ?? 0);
  figures["train_utilization"] = busiest;
  figures["train_power_w"] = power_watts ?? Number.NaN;
  figures["train_temperature_celsius"] = temperature_celsius ?? Number.NaN;
  const series = await node.sessionFigures(id);
  same("devices in the session's figures", series.length, 1);
  return id;
}

/** What is stopped in the midst of its training leaves nothing on the GPU. */
async function stopping(node: GpuNode) {
  const { id } = await node.run(NETWORK, ["600"], WHOLE);
  await node.untilDevice("the GPU is busy", ({ utilization }) => (utilization ?? 0) > 0.8);
  const stopped = performance.now();
  await node.stop(id);
  figures["stop_with_checkpoint_s"] = (performance.now() - stopped) / 1000;
  await node.untilDevice("nothing is left", ({ memory_bytes }) => memory_bytes < 1024 ** 3);
}

/** The checkpoint as torch and as ONNX, each on half the GPU, and as ONNX on the CPU. */
async function serving(node: GpuNode, session_id: string) {
  const checkpoint = { session_id, checkpoint: "model" };
  const models = {
    torch: await node.serve("torch", checkpoint),
    onnx: await node.serve("onnx", { ...checkpoint, onnx: { resources: HALF } }),
    onnx_cpu: await node.serve("onnx-cpu", { ...checkpoint, onnx: { resources: { ...WHOLE, gpus: 0 } } }),
  };
  const image = new Float32Array(3 * 224 * 224).map((_, index) => Math.sin(index));
  const answers = new Map<string, Float32Array>();
  for (const [name, model] of Object.entries(models)) {
    answers.set(name, await model.infer(image));
    for (const callers of name === "onnx_cpu" ? [16] : [1, 16, 64]) {
      const { perSecond, p50Ms } = await callRate(() => model.infer(image), callers, 5_000);
      figures[`${name}_${callers}_callers_per_s`] = perSecond;
      figures[`${name}_${callers}_callers_p50_ms`] = p50Ms;
    }
    if (model.log) console.error(`${name}: ${model.log}`);
  }
  for (const name of ["torch", "onnx"])
    figures[`${name}_largest_difference_to_cpu`] = difference(answers.get(name), answers.get("onnx_cpu"));
}

function difference(one: Float32Array | undefined, other: Float32Array | undefined): number {
  if (!one || !other || one.length !== other.length) throw new Error("The models' answers differ in shape.");
  return Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? Number.NaN))));
}

function same(what: string, got: unknown, expected: unknown) {
  if (!Bun.deepEquals(got, expected))
    throw new Error(`${what} ${JSON.stringify(got)}, and not ${JSON.stringify(expected)}`);
}

function script(name: string): string {
  return readFileSync(join(import.meta.dir, "lib/gpu", name), "utf8");
}

/** What the runner of a machine with GPUs may need to be told. */
function passed(): Record<string, string> {
  const names = ["PODIUM_ONNXRUNTIME_PATH", "PODIUM_SANDBOX", "PODIUM_PYTHON"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
