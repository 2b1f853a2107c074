import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Assignment, resourcesSchema, STREAM_WINDOW_BYTES } from "@podium/shared";
import Docker from "dockerode";
import { requires } from "../../../../../scripts/testing/requires.ts";
import { createLog } from "../../log.ts";
import { containersOf, docker, dockerEnv, sharedDaemon } from "../../testing/docker.ts";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";
import type { Terminal } from "../terminal.ts";
import { addressOf } from "./daemon.ts";
import { openExec } from "./exec-terminal.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;
const SIZE = { cols: 101, rows: 31 };
const { available, reason } = requires("docker");
const title = available ? "a shell in a container" : `a shell in a container (skipped: ${reason})`;

describe.skipIf(!available && Bun.env["CI"] !== "true")(title, () => {
  let host: string;
  let hub: TestHub;
  let runner: TestRunner;
  let session: Assignment;
  let container: string;

  beforeAll(async () => {
    host = await sharedDaemon();
    hub = new TestHub();
    runner = await TestRunner.create(hub, await dockerEnv(host));
    await runner.start();
    [session, container] = await startSession();
  });
  afterAll(async () => {
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
    expect(containersOf(host, runner.data)).toEqual([]);
  });

  async function startSession(): Promise<[Assignment, string]> {
    const before = new Set(containersOf(host, runner.data));
    const started = hub.assign("import time\nprint('up')\ntime.sleep(600)", {
      resources: resourcesSchema.parse({ cpu_milli: 500, memory_bytes: 128 * MIB }),
      timeout_ms: 900_000,
    });
    await hub.until("it runs", () => hub.log(started.attempt_id).length > 0);
    const id = containersOf(host, runner.data).find((each) => !before.has(each)) ?? "";
    return [started, id];
  }

  /** A shell whose output is taken at once, unless told otherwise. */
  async function enter(name = container, takes = true) {
    const shown = { text: "", bytes: 0 };
    const entered = {
      docker: new Docker(addressOf(host)),
      dockerHost: host,
      name,
      cwd: "/app",
      python: "python3",
      log: createLog("silent"),
    };
    const terminal: Terminal = await openExec(entered, SIZE, (bytes) => {
      shown.bytes += bytes.byteLength;
      if (shown.text.length < MIB) shown.text += new TextDecoder().decode(bytes);
      if (takes) terminal.acknowledge(bytes.byteLength);
    });
    const type = (text: string) => terminal.write(new TextEncoder().encode(text));
    const until = (what: RegExp) => hub.until(`${what} is shown`, () => what.test(shown.text));
    return { terminal, shown, type, until };
  }
  /** Processes of the session that have the word in their command line. */
  const running = (word: string) =>
    docker(host, "top", container, "-eo", "pid,args")
      .split("\n")
      .filter((line) => line.includes(word));

  test("is a terminal of the size asked for, and ends with its exit code", async () => {
    const { terminal, type, until } = await enter();
    type("tty >/dev/null && stty size; pwd\n");
    await until(/31 101\r\n\/app\r\n/);
    terminal.resize({ cols: 60, rows: 20 });
    type("until [ \"$(stty size)\" = '20 60' ]; do sleep 0.1; done; echo re''sized\n");
    await until(/resized\r\n/);
    type("exit 7\n");
    expect(await terminal.ended).toBe(7);
  });

  test("is the session's own user, without rights, within its limits and beside its processes", async () => {
    const { terminal, type, until, shown } = await enter();
    type(
      "cat /proc/self/status; touch /etc/x; echo $PODIUM_SESSION; tr '\\0' ' ' </proc/1/cmdline; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; echo do''ne\n",
    );
    await until(/done\r\n/);
    const [user = ""] = docker(host, "inspect", "-f", "{{.Config.User}}", container).split(":");
    expect(shown.text).toContain(`Uid:\t${user}\t${user}\t`);
    expect(user).not.toBe("0");
    expect(shown.text).toMatch(/CapEff:\t0+\r\n/);
    expect(shown.text).toMatch(/NoNewPrivs:\t1\r\n/);
    expect(shown.text).toMatch(/Seccomp:\t2\r\n/);
    expect(shown.text).toContain("Read-only file system");
    expect(shown.text).toContain(session.session.name);
    expect(shown.text).toContain("main.py");
    expect(shown.text).toContain(String(128 * MIB));
    type("exit\n");
    expect(await terminal.ended).toBe(0);
  });

  test("Ctrl-C interrupts what runs in it and nothing else", async () => {
    const { terminal, type, until } = await enter();
    type("echo be''gun; sleep 3001; echo code=$?\n");
    await until(/begun\r\n/);
    type("\x03");
    await until(/\^C[\s\S]*\$ $/);
    type("echo still=he''re\n");
    await until(/\nstill=here\r\n/);
    expect(running("sleep 3001")).toEqual([]);
    expect(hub.report(session.attempt_id)?.state).toBe("running");
    type("exit\n");
    await terminal.ended;
  });

  test("a flood waits in the daemon while nobody takes it, and arrives whole", async () => {
    const { terminal, type, shown } = await enter(container, false);
    type("stty -echo; head -c 8000000 /dev/zero | tr '\\0' x; exit 5\n");
    await hub.until("the window is full", () => shown.bytes >= STREAM_WINDOW_BYTES);
    await Bun.sleep(500);
    const waiting = shown.bytes;
    // One read of the socket may go beyond the window.
    expect(waiting).toBeLessThan(STREAM_WINDOW_BYTES + MIB);
    await Bun.sleep(500);
    expect(shown.bytes).toBe(waiting);
    let taken = 0;
    const taking = setInterval(() => {
      terminal.acknowledge(shown.bytes - taken);
      taken = shown.bytes;
    }, 1);
    expect(await terminal.ended).toBe(5);
    clearInterval(taking);
    expect(shown.bytes).toBeGreaterThanOrEqual(8_000_000);
  });

  test("hanging up ends the shell and what it started, also in the middle of a flood", async () => {
    const quiet = await enter();
    quiet.type("(sleep 3002 &) ; sleep 3003\n");
    await hub.until("they run", () => running("sleep 300").length === 2);
    quiet.terminal.close();
    expect(await quiet.terminal.ended).toBeNull();
    await hub.until("they are gone", () => running("sleep 300").length === 0);

    const loud = await enter(container, false);
    loud.type("yes podium-flood\n");
    await hub.until("the window is full", () => loud.shown.bytes >= STREAM_WINDOW_BYTES);
    loud.terminal.close();
    expect(await loud.terminal.ended).toBeNull();
    await hub.until("it is gone", () => running("podium-flood").length === 0);
    expect(hub.report(session.attempt_id)?.state).toBe("running");
  });

  test("ends when its session does, and is refused afterwards", async () => {
    const [ending, name] = await startSession();
    const { terminal, type, until } = await enter(name);
    type("echo i''n\n");
    await until(/in\r\n/);
    hub.drop(ending.attempt_id);
    const code = await terminal.ended;
    expect([null, 129, 137]).toContain(code);
    await hub.until("it is gone", () => hub.report(ending.attempt_id) === undefined);
    await expect(enter(name)).rejects.toThrow();
  });
});
