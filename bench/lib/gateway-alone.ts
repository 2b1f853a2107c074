import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GATEWAY_TOKEN, startTestHub } from "../../apps/inference-gateway/src/testing/test-hub.ts";
import { KEY, testTable } from "../../apps/inference-gateway/src/testing/test-table.ts";

const GATEWAY = Bun.fileURLToPath(new URL("../../apps/inference-gateway/src/main.ts", import.meta.url));
const STUB_REPLICA = Bun.fileURLToPath(new URL("./stub-replica.ts", import.meta.url));
/** What every rate is compared with. */
const ECHO = Bun.fileURLToPath(new URL("./echo-server.ts", import.meta.url));

export interface Running {
  url: string;
  stop(): Promise<void>;
}

/** Starts a TypeScript program that prints a line with `"url":"…"` when it is up and ends with its stdin. */
async function start(program: string, args: string[], env: Record<string, string> = {}): Promise<Running> {
  const child = Bun.spawn([process.execPath, program, ...args], {
    env: { ...(process.env as Record<string, string>), ...env },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.getReader();
  let output = "";
  let url: string | undefined;
  while (!url) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`${program} ended: ${output}`);
    output += Buffer.from(value).toString();
    url = /"url":"([^"]+)"/.exec(output)?.[1];
  }
  return {
    url,
    async stop() {
      await child.stdin.end();
      await child.exited;
    },
  };
}

/** A bare Hono server on Bun that parses a JSON body and answers it. */
export function startEcho(): Promise<Running> {
  return start(ECHO, []);
}

/** The gateway as it runs in earnest, between a stub of the hub (here) and a stub of a replica (its own process). */
export async function startGatewayAlone(): Promise<Running & { key: string }> {
  const hub = startTestHub(testTable());
  const folder = mkdtempSync(join(tmpdir(), "podium-bench-gateway-"));
  const gateway = await start(GATEWAY, [], {
    HUB_URL: hub.url,
    PODIUM_GATEWAY_TOKEN: GATEWAY_TOKEN,
    PODIUM_GATEWAY_PORT: "0",
    PODIUM_GATEWAY_DATA: folder,
    PODIUM_EXIT_WITH_PARENT: "1",
    LOG_LEVEL: "info",
  });
  const replica = await start(STUB_REPLICA, [gateway.url]);
  return {
    url: `${gateway.url}/model-1`,
    key: KEY,
    async stop() {
      await gateway.stop();
      await replica.stop();
      await hub.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
