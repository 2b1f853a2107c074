import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "@podium/shared";
import type { Env } from "../../env.ts";
import type { Place } from "../../executors/executor.ts";

/** Where the server of ONNX files and what it needs lie on this machine. */
export interface OnnxProgram {
  /** the program that this runner itself runs in */
  bun: string;
  /** all of the server in one file */
  server: string;
  /** folders of the npm packages onnxruntime-node and onnxruntime-common */
  runtime: string;
  common: string;
}

export type OnnxPlaces = Record<keyof OnnxProgram, Place>;

const INSIDE = "/opt/podium/onnx";

/** As a session sees it; nothing of it may be written to. */
export function onnxPlaces(
  { bun, server, runtime, common }: OnnxProgram,
  place: (host: string, inside: string) => Place,
): OnnxPlaces {
  const modules = `${INSIDE}/node_modules`;
  return {
    bun: place(bun, `${INSIDE}/bun`),
    server: place(server, `${INSIDE}/server.js`),
    runtime: place(runtime, `${modules}/onnxruntime-node`),
    common: place(common, `${modules}/onnxruntime-common`),
  };
}

/** The server, put into one file when the first model needs it: a sandbox then gets that, and no folder of sources. */
export class OnnxPrograms {
  #made: Promise<OnnxProgram> | null = null;
  readonly #server: string;

  constructor(
    private readonly env: Pick<Env, "PODIUM_ONNX_PATH" | "PODIUM_ONNXRUNTIME_PATH">,
    dataFolder: string,
  ) {
    this.#server = join(dataFolder, "onnx", "server.js");
  }

  /** @throws DomainError `unavailable` for people, when this machine lacks the runtime */
  get(): Promise<OnnxProgram> {
    this.#made ??= this.#make().catch((error) => {
      this.#made = null;
      throw error;
    });
    return this.#made;
  }

  /** Where it will be, whether it is made yet or not. @throws DomainError as `get` */
  places(): OnnxProgram {
    const { PODIUM_ONNX_PATH: folder, PODIUM_ONNXRUNTIME_PATH: given } = this.env;
    try {
      const runtime = given ?? dirname(Bun.resolveSync("onnxruntime-node/package.json", folder));
      const common = dirname(Bun.resolveSync("onnxruntime-common/package.json", runtime));
      return { bun: process.execPath, server: this.#server, runtime, common };
    } catch {
      throw new DomainError(
        "unavailable",
        "This node can't serve ONNX files: the npm package onnxruntime-node is not installed there, or PODIUM_ONNXRUNTIME_PATH is wrong.",
      );
    }
  }

  async #make(): Promise<OnnxProgram> {
    const program = this.places();
    const entrypoint = join(this.env.PODIUM_ONNX_PATH, "src", "main.ts");
    const built = await Bun.build({ entrypoints: [entrypoint], target: "bun", throw: false });
    const [file] = built.outputs;
    if (!built.success || !file)
      throw new Error(`The ONNX server can't be put together: ${built.logs.join("; ")}`);
    // Sessions that run already have the earlier file open: it is replaced, not changed.
    const partial = `${program.server}.partial`;
    await mkdir(dirname(program.server), { recursive: true, mode: 0o755 });
    await writeFile(partial, new Uint8Array(await file.arrayBuffer()), { mode: 0o644 });
    await rename(partial, program.server);
    return program;
  }
}
