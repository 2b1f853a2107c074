import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { choosePort } from "../../scripts/stack/ports.ts";
import { processSpec } from "../../scripts/stack/processes.ts";
import { folderSecrets } from "../../scripts/stack/secrets.ts";
import { Service } from "../../scripts/stack/service.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";

export interface ReplicaCluster {
  stack: Stack;
  /** the second machine's runner; the first one is the stack's */
  second: Service;
  stop(): Promise<void>;
}

/** A stack and one more runner, as of another machine; each has room for three replicas of half a CPU. */
export async function startReplicaCluster(folder: string): Promise<ReplicaCluster> {
  const dataDir = join(folder, "data");
  const room = { PODIUM_CPU_MILLI: "1500", PODIUM_EXECUTOR: "process" };
  const stack = await startStack({ dataDir, fresh: true, durable: false, env: room });
  const own = join(folder, "second");
  mkdirSync(join(own, "logs"), { recursive: true, mode: 0o711 });
  const port = (url: string) => Number(new URL(url).port);
  const second = new Service(
    processSpec("runner", {
      dataDir: own,
      databaseUrl: stack.databaseUrl,
      adminEmail: stack.admin.email,
      secrets: folderSecrets(dataDir).secrets,
      env: { ...room, PODIUM_NODE_NAME: "second" },
      ports: {
        hub: port(stack.hubUrl),
        gateway: port(stack.gatewayUrl),
        runner: await choosePort(undefined, "runner"),
      },
      mark: { name: "PODIUM_STACK", value: crypto.randomUUID() },
    }),
    () => {},
  );
  const stop = async () => {
    await second.stop();
    await stack.stop();
  };
  try {
    await second.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { stack, second, stop };
}
