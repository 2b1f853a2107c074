import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunPath, rootDir } from "../scripts/setup/paths.mjs";
import { freePort } from "../scripts/stack/ports.ts";
import { isAlive, listProcesses, processesIn, signalProcess } from "../scripts/stack/process-table.ts";
import { startStack } from "../scripts/stack/stack.ts";
import { waitUntil } from "../scripts/stack/wait.ts";

setDefaultTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), "podium-stack-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("Podium starts, refuses a second start on its folder, comes back after a crash, and stops without a trace", async () => {
  const dataDir = join(root, "daily");
  const lines: string[] = [];
  const stack = await startStack({ dataDir, durable: false, onLine: (line) => lines.push(line) });
  try {
    for (const url of [stack.hubUrl, stack.gatewayUrl])
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(Object.keys(stack.pids())).toEqual(["postgres", "hub", "gateway", "runner"]);
    expect(readFileSync(stack.admin.passwordFile, "utf8").trim()).toBe(stack.admin.password);
    expect(statSync(stack.admin.passwordFile).mode & 0o777).toBe(0o600);
    await expect(startStack({ dataDir })).rejects.toThrow(`in use by process ${process.pid}`);

    const { hub = 0 } = stack.pids();
    signalProcess(hub, "SIGKILL");
    expect(await waitUntil(() => lines.includes("hub is back"), { withinMs: 60_000 })).toBe(true);
    expect((await fetch(`${stack.hubUrl}/readyz`)).status).toBe(200);
  } finally {
    await stack.stop();
  }
  expect(traces(dataDir)).toEqual([]);
});

test("when the process that runs Podium is killed, all of it ends, and the next start finds its data", async () => {
  const dataDir = join(root, "killed");
  const holder = Bun.spawn([bunPath(), join(import.meta.dir, "fixtures", "hold-stack.ts"), dataDir], {
    stdout: "pipe",
  });
  const { value } = await holder.stdout.getReader().read();
  const { pids } = JSON.parse(new TextDecoder().decode(value)) as { pids: Record<string, number> };
  holder.kill("SIGKILL");
  const gone = () => Object.values(pids).every((pid) => !isAlive(pid)) && traces(dataDir).length === 0;
  expect(await waitUntil(gone, { withinMs: 60_000, everyMs: 200 })).toBe(true);

  const password = readFileSync(join(dataDir, "admin-password"), "utf8").trim();
  const stack = await startStack({ dataDir, durable: false });
  try {
    expect(stack.admin.password).toBe(password);
  } finally {
    await stack.stop();
  }
});

test("a port that is taken is one clear line, and nothing is left running", async () => {
  const dataDir = join(root, "busy");
  const port = await freePort();
  const other = createServer().listen(port, "127.0.0.1");
  try {
    await expect(startStack({ dataDir, ports: { hub: port } })).rejects.toThrow(
      `Port ${port} (hub) is in use by another program: stop it, or choose another port (PODIUM_HUB_PORT).`,
    );
    expect(traces(dataDir)).toEqual([]);
  } finally {
    other.close();
  }
});

test("a data folder that is a file, or that nobody may write, is one clear line", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  for (const dataDir of [file, "/proc/podium"]) {
    await expect(startStack({ dataDir })).rejects.toThrow(
      /^The data folder \S+ can't be used \(.+\): point PODIUM_HOME at a folder that this user may write\.$/,
    );
  }
});

test("a fresh start refuses a folder that holds something else, and leaves that alone", async () => {
  const dataDir = mkdtempSync(join(root, "photos-"));
  writeFileSync(join(dataDir, "holiday.jpg"), "sea");
  await expect(startStack({ dataDir, fresh: true })).rejects.toThrow("is no data folder of Podium");
  expect(readFileSync(join(dataDir, "holiday.jpg"), "utf8")).toBe("sea");
});

test("npm start says where everything is, and Ctrl-C ends it with code 0 and leaves nothing", async () => {
  const dataDir = join(root, "start");
  const { child } = await started(["node", "scripts/podium.mjs", "start"], dataDir);
  // What a terminal does: the signal goes to every process of the group, and podium.mjs passes it on besides.
  signalProcess(-child.pid, "SIGINT");
  expect(await child.exited).toBe(0);
  expect(traces(dataDir)).toEqual([]);
});

test("a signal to npm alone, as a supervisor sends it, ends all of it too", async () => {
  const dataDir = join(root, "npm");
  const { child } = await started(["npm", "start"], dataDir);
  signalProcess(child.pid, "SIGTERM");
  await child.exited;
  expect(await waitUntil(() => traces(dataDir).length === 0, { withinMs: 60_000, everyMs: 200 })).toBe(true);
});

/** Waits until `npm start`, or what it stands for, has said where everything is; checks that it did. */
async function started(command: string[], dataDir: string) {
  const [hub, gateway, runner] = [await freePort(), await freePort(), await freePort()];
  const child = Bun.spawn(command, {
    cwd: rootDir,
    env: {
      ...process.env,
      PODIUM_HOME: dataDir,
      PODIUM_HUB_PORT: String(hub),
      PODIUM_GATEWAY_PORT: String(gateway),
      PODIUM_RUNNER_PORT: String(runner),
    },
    stdout: "pipe",
    stderr: "inherit",
    detached: true,
  });
  const reader = child.stdout.getReader();
  let said = "";
  while (!said.includes("Ctrl-C")) {
    const { value, done } = await reader.read();
    if (done) break;
    said += new TextDecoder().decode(value);
  }
  expect(said).toContain(`http://127.0.0.1:${hub}`);
  expect(said).toContain(join(dataDir, "admin-password"));
  return { child };
}

/** Processes that work in the data folder or name it in their command line. */
function traces(dataDir: string): string[] {
  const inside = new Set([...processesIn(dataDir), ...processesIn(join(dataDir, "postgres"))]);
  return listProcesses()
    .filter(({ pid, command, state }) => state !== "Z" && (inside.has(pid) || command.includes(dataDir)))
    .map(({ command }) => command);
}
