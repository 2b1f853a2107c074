import { join } from "node:path";
import { until } from "./test-gateway.ts";
import { GATEWAY_TOKEN } from "./test-hub.ts";

export interface SpawnedGateway {
  url: string;
  kill(signal: NodeJS.Signals): void;
  closeStdin(): void;
  exited: Promise<number>;
}

/** The gateway as a process of its own, ready; it ends with this process. */
export async function spawnGateway(
  hubUrl: string,
  folder: string,
  more: Record<string, string> = {},
): Promise<SpawnedGateway> {
  const process = spawnMain({ HUB_URL: hubUrl, PODIUM_GATEWAY_DATA: folder, ...more });
  const reader = process.stdout.getReader();
  let output = "";
  let url: string | undefined;
  while (!url) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The gateway ended: ${output}`);
    output += Buffer.from(value).toString();
    url = /"url":"([^"]+)"/.exec(output)?.[1];
  }
  const listening = url;
  await until(async () => (await fetch(`${listening}/readyz`)).ok);
  return {
    url: listening,
    kill: (signal) => process.kill(signal),
    closeStdin: () => void process.stdin.end(),
    exited: process.exited,
  };
}

/** `main.ts` with this environment and nothing of ours. */
export function spawnMain(env: Record<string, string>) {
  return Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts")], {
    env: {
      PODIUM_GATEWAY_TOKEN: GATEWAY_TOKEN,
      PODIUM_GATEWAY_PORT: "0",
      PODIUM_EXIT_WITH_PARENT: "1",
      ...env,
    },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
}
