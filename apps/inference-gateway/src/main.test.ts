import { expect, test } from "bun:test";
import { join } from "node:path";
import { spawnGateway, spawnMain } from "./testing/spawn-gateway.ts";
import { testFolder, until } from "./testing/test-gateway.ts";
import { startTestHub } from "./testing/test-hub.ts";
import { startTestReplica } from "./testing/test-replica.ts";
import { KEY, testTable } from "./testing/test-table.ts";

const HUB_URL = "http://127.0.0.1:1";

async function failure(env: Record<string, string>) {
  const process = spawnMain(env);
  const [code, message] = await Promise.all([process.exited, new Response(process.stderr).text()]);
  expect(code).toBe(1);
  expect(message.trim().split("\n")).toHaveLength(1);
  return message;
}

test("bad configuration ends with one line that names every wrong variable", async () => {
  const message = await failure({ PODIUM_GATEWAY_PORT: "many", PODIUM_GATEWAY_TOKEN: "short" });
  for (const name of ["HUB_URL", "PODIUM_GATEWAY_PORT", "PODIUM_GATEWAY_TOKEN"])
    expect(message).toContain(name);
  expect(message).not.toContain("short ");
});

test("a busy port, and a folder that can't be made, end with one line that says what to do", async () => {
  const folder = await testFolder();
  const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const env = { HUB_URL, PODIUM_GATEWAY_DATA: join(folder.path, "a") };
  expect(await failure({ ...env, PODIUM_GATEWAY_PORT: String(other.port) })).toContain("set another port");
  await Bun.write(join(folder.path, "file"), "");
  expect(await failure({ ...env, PODIUM_GATEWAY_DATA: join(folder.path, "file") })).toContain(
    "PODIUM_GATEWAY_DATA",
  );
  await other.stop(true);
  await folder.remove();
});

test("asked to stop, it answers what it has, refuses what is new, and ends with 0", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const gateway = await spawnGateway(hub.url, folder.path);
  const release = Promise.withResolvers<void>();
  const replica = await startTestReplica({ url: gateway.url, onBatch: () => release.promise });
  const post = () =>
    fetch(`${gateway.url}/model-1`, { method: "POST", body: "[1]", headers: { "x-api-key": KEY } });
  const held = post();
  await until(() => replica.batches.length === 1);

  gateway.kill("SIGTERM");
  gateway.kill("SIGTERM");
  await until(async () => !(await fetch(`${gateway.url}/readyz`).catch(() => null))?.ok);
  const refused = await post().catch(() => null);
  release.resolve();

  expect(refused?.status ?? "no connection").toBeOneOf([503, "no connection"]);
  expect(await (await held).text()).toBe("[1]");
  expect(await replica.closed).toBe(1001);
  expect(await gateway.exited).toBe(0);
  await hub.stop();
  await folder.remove();
});

test("it ends with its parent", async () => {
  const folder = await testFolder();
  const hub = startTestHub(testTable());
  const gateway = await spawnGateway(hub.url, folder.path);
  gateway.closeStdin();
  expect(await gateway.exited).toBe(0);
  await hub.stop();
  await folder.remove();
});
