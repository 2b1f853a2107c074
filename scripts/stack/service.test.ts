import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunPath } from "../setup/paths.mjs";
import { freePort } from "./ports.ts";
import { groupMembers, signalProcess } from "./process-table.ts";
import { Service } from "./service.ts";
import { waitUntil } from "./wait.ts";

const services: Service[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test("start returns once the process answers; stop returns once it is gone", async () => {
  const { service, url } = await makeService();
  await service.start();
  expect(Number(await (await fetch(url)).text())).toBe(service.pid ?? -1);
  const pid = service.pid ?? 0;
  await service.stop();
  expect(groupMembers(pid)).toEqual([]);
});

test("a process that ends before it is ready is an error with its last words, and is not restarted", async () => {
  const { service, lines } = await makeService("broken");
  await expect(service.start()).rejects.toThrow(
    /ended before it was ready[\s\S]*this setting is missing: EXAMPLE/,
  );
  expect(service.pid).toBeUndefined();
  expect(lines.filter((line) => line.includes("restarting"))).toEqual([]);
});

test("a crashed process is started again, and the terminal says so", async () => {
  const { service, url, lines } = await makeService();
  await service.start();
  const before = service.pid;
  await fetch(`${url}/crash`).catch(() => {});
  expect(await waitUntil(() => lines.some((line) => line === "example is back"), { withinMs: 10_000 })).toBe(
    true,
  );
  expect(service.pid).not.toBe(before);
  expect(lines[0]).toBe("example ended unexpectedly (exit code 7), restarting it in 0.5 s");
});

test("a process that ignores the request to end is killed with its children", async () => {
  const { service, lines } = await makeService("stubborn");
  await service.start();
  const pid = service.pid ?? 0;
  expect(groupMembers(pid).length).toBe(2);
  await service.stop();
  expect(groupMembers(pid)).toEqual([]);
  expect(lines).toEqual(["example did not stop within 0.5 s, killing it"]);
});

test("stopping while it waits to restart ends the wait", async () => {
  const { service, lines } = await makeService();
  await service.start();
  signalProcess(service.pid ?? 0, "SIGKILL");
  await waitUntil(() => lines.length > 0, { withinMs: 5_000 });
  await service.stop();
  await Bun.sleep(700);
  expect(service.pid).toBeUndefined();
});

test("the log has every line, the terminal only warnings", async () => {
  const { service, url, lines, logPath } = await makeService();
  await service.start();
  await fetch(`${url}/warn`);
  await waitUntil(() => lines.length > 0, { withinMs: 5_000 });
  expect(lines).toEqual(["example: the disk is filling up"]);
  expect(readFileSync(logPath, "utf8")).toContain("all is well");
});

async function makeService(manner = "") {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "podium-service-"));
  folders.push(dir);
  const url = `http://127.0.0.1:${port}`;
  const lines: string[] = [];
  const logPath = join(dir, "example.log");
  const service = new Service(
    {
      name: "example",
      command: [bunPath(), join(import.meta.dir, "fixtures", "serve.ts"), String(port), manner],
      cwd: dir,
      env: { PATH: process.env["PATH"] ?? "" },
      logPath,
      stopSignal: "SIGTERM",
      graceMs: 500,
      isReady: () =>
        fetch(url).then(
          (response) => response.ok,
          () => false,
        ),
    },
    (line) => lines.push(line),
  );
  services.push(service);
  return { service, url, lines, logPath };
}
