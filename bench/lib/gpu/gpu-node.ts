import type { DeviceUsage } from "@podium/shared";
import type { Stack } from "../../../scripts/stack/stack.ts";
import { ended, logOf, must, type Person, push, waitFor } from "../../../tests/lib/person.ts";

export interface ServedNetwork {
  /** what its server said of where it runs; "" when nothing */
  log: string;
  /** One image in, its scores out. */
  infer(image: Float32Array): Promise<Float32Array>;
}

/** A hub with one node that has one GPU, as its user sees it. */
export class GpuNode {
  constructor(
    private readonly stack: Stack,
    private readonly person: Person,
  ) {}

  /** The GPU that the node offers. Throws where it has none. */
  async device() {
    const node = await waitFor("the node", 20_000, async () => (await this.#node()) ?? null);
    const device = node.capacity?.devices[0];
    if (!device) throw new Error("This machine has no GPU that nvidia-smi lists.");
    return { device };
  }

  async run(script: string, args: string[], resources: object) {
    const code_tree = await push(this.person, this.stack.hubUrl, { "main.py": script });
    const body = { code_tree, args, resources, grace_ms: 120_000 } as never;
    return must(await this.person.api.POST("/api/v1/sessions", { body }));
  }

  async saidBy(script: string, args: string[], resources: object) {
    const { id } = await this.run(script, args, resources);
    await this.succeeded(id);
    return this.said(id);
  }

  async succeeded(id: string) {
    const session = await ended(this.person, id, 180_000);
    if (session.state === "succeeded") return;
    const log = (await logOf(this.person, id)).slice(-30).join("\n");
    throw new Error(`A session is ${session.state}: ${session.failure?.message}\n${log}`);
  }

  /** The line of JSON that the script printed. */
  async said(id: string) {
    return JSON.parse((await logOf(this.person, id)).findLast((line) => line.startsWith("{")) ?? "null");
  }

  firstLine(id: string) {
    return waitFor("a first line", 60_000, async () => (await logOf(this.person, id))[0] ?? null);
  }

  async stop(id: string) {
    const params = { path: { id } };
    must(await this.person.api.POST("/api/v1/sessions/{id}/stop", { params }));
    await ended(this.person, id, 180_000);
  }

  why(id: string): Promise<string> {
    return waitFor("a reason", 20_000, async () => {
      const params = { path: { id } };
      const { nodes } = must(await this.person.api.GET("/api/v1/sessions/{id}/why", { params }));
      return nodes[0] ? JSON.stringify(nodes[0]) : null;
    });
  }

  /** The GPU's figures of the first moment at which they are as wanted. */
  untilDevice(what: string, wanted: (device: DeviceUsage) => boolean): Promise<DeviceUsage> {
    return waitFor(what, 120_000, async () => {
      const device = (await this.#node())?.figures?.devices[0];
      return device && wanted(device) ? device : null;
    });
  }

  async sessionFigures(id: string) {
    const params = { path: { id } };
    return must(await this.person.api.GET("/api/v1/sessions/{id}/figures", { params })).devices;
  }

  async serve(
    name: string,
    binding: { session_id: string; checkpoint: string; onnx?: object },
  ): Promise<ServedNetwork> {
    const { api } = this.person;
    const params = { path: { name } };
    must(
      await api.POST("/api/v1/endpoints", {
        body: { name, timeout_ms: 60_000, max_body_bytes: 8_000_000 } as never,
      }),
    );
    const body = { ...binding, max_batch: 64 } as never;
    must(await api.POST("/api/v1/endpoints/{name}/bindings", { params, body }));
    const { key } = must(await api.POST("/api/v1/endpoints/{name}/keys", { params, body: { name } }));
    const bound = await waitFor(`the model ${name}`, 180_000, async () => {
      const [first] = must(await api.GET("/api/v1/endpoints/{name}", { params })).bindings;
      return first?.state === "ready" || first?.state === "failed" ? first : null;
    });
    if (bound.state === "failed") throw new Error(`${name} can't be served: ${bound.failure}`);
    const log = (await logOf(this.person, bound.session_id)).find((line) => line.includes(" runs on ")) ?? "";
    return { log, infer: (image) => infer(`${this.stack.gatewayUrl}/v2/models/${name}/infer`, key, image) };
  }

  async #node() {
    return must(await this.person.api.GET("/api/v1/nodes")).items[0];
  }
}

/** One image by the Open Inference Protocol's binary extension, its scores likewise. */
async function infer(url: string, key: string, image: Float32Array): Promise<Float32Array> {
  const tensor = { name: "image", datatype: "FP32", shape: [1, 3, 224, 224] };
  const head = JSON.stringify({
    inputs: [{ ...tensor, parameters: { binary_data_size: image.byteLength } }],
    parameters: { binary_data_output: true },
  });
  const headers = { authorization: `Bearer ${key}`, "inference-header-content-length": String(head.length) };
  const body = new Blob([head, image as Float32Array<ArrayBuffer>]);
  const answer = await fetch(url, { method: "POST", headers, body });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  const bytes = await answer.arrayBuffer();
  return new Float32Array(bytes.slice(Number(answer.headers.get("inference-header-content-length") ?? 0)));
}
