import { sha256 } from "../../apps/inference-gateway/src/hash.ts";
import { startTestBed } from "../../apps/inference-gateway/src/testing/test-gateway.ts";
import {
  KEY,
  testBinding,
  testEndpoint,
  testId,
} from "../../apps/inference-gateway/src/testing/test-table.ts";
import { TestHub } from "../../apps/node-runner/src/testing/test-hub.ts";
import { TestRunner } from "../../apps/node-runner/src/testing/test-runner.ts";
import { waitUntil } from "../../scripts/stack/wait.ts";

const START_MS = 40_000;

export interface ServedScript {
  /** of the endpoint */
  name: string;
  script: string;
}

export interface ServedFile {
  name: string;
  /** an ONNX file, with what lies beside it */
  files: Record<string, Uint8Array>;
}

export interface ServingChain extends AsyncDisposable {
  /** of the gateway */
  url: string;
  /** good for every endpoint */
  key: string;
}

/**
 * A gateway, a runner and the models' own processes, as in a cluster but for the hub, which is two in memory.
 * Resolves when every model answers.
 * @param env further settings of the runner
 * @param path of the programs that the scripts are run with, where another Python than the machine's is wanted
 */
export async function startServingChain(
  models: readonly (ServedScript | ServedFile)[],
  path?: string,
  env: Record<string, string> = {},
): Promise<ServingChain> {
  const endpoints = models.map(({ name }, index) =>
    testEndpoint(index + 1, {
      name,
      max_body_bytes: 8 * 1024 ** 2,
      timeout_ms: 30_000,
      bindings: [
        testBinding(index + 1, { version: 1, signature: null, replica_sha256: [sha256(tokenOf(name))] }),
      ],
    }),
  );
  const bed = await startTestBed({ version: 1, endpoints });
  const hub = new TestHub();
  const runner = await TestRunner.create(hub, path ? { PATH: path, ...env } : env);
  const stop = async () => {
    await runner.dispose();
    await hub.close();
    await bed[Symbol.asyncDispose]();
  };
  try {
    await runner.start();
    for (const [index, model] of models.entries()) {
      const { name } = model;
      const onnx = "files" in model ? { file: "model.onnx" } : undefined;
      const checkpoint = "files" in model ? { name: "onnx", tree_id: hub.addTree(model.files) } : null;
      hub.assign("script" in model ? model.script : "", {
        checkpoint,
        session: { id: testId("ses", index + 1), name: `ada/films/${index + 1}`, kind: "serve" },
        serving: {
          binding_id: testId("bnd", index + 1),
          replica_token: tokenOf(name),
          gateways: [bed.gateway.url],
          max_batch: 16,
          ...(onnx && { onnx }),
        },
      });
    }
    for (const { name } of models) {
      const isReady = async () => (await bed.get(`/v2/models/${name}/ready`)).ok;
      if (!(await waitUntil(isReady, { withinMs: START_MS }))) throw new Error(`${name} is not ready.`);
    }
  } catch (error) {
    const output = runner.output;
    await stop();
    throw new Error(`The models did not come up: ${output.slice(-2_000)}`, { cause: error });
  }
  return { url: bed.gateway.url, key: KEY, [Symbol.asyncDispose]: stop };
}

const tokenOf = (name: string) => `prt_of-${name}`;
