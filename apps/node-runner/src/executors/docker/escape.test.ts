import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type Assignment, type AttemptReport, resourcesSchema } from "@podium/shared";
import { requires } from "../../../../../scripts/testing/requires.ts";
import { containersOf, dockerEnv, sharedDaemon } from "../../testing/docker.ts";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;
const MAX_PROCESSES = 40;

/** Runs beside every attack, and must not notice any of them. */
const NEIGHBOUR = `
import os, time
import podium
open(os.environ["HOME"] + "/secret", "w").write("the neighbour's own")
step = 0
while not os.path.exists("/tmp/enough"):
    podium.report(step=step, loss=step)
    step += 1
    time.sleep(0.1)
print("untouched")
`;

const { available, reason } = requires("docker");
const title = available ? "escapes from a container" : `escapes from a container (skipped: ${reason})`;

describe.skipIf(!available && Bun.env["CI"] !== "true")(title, () => {
  let host: string;
  let hub: TestHub;
  let runner: TestRunner;
  let neighbour: Assignment;
  let listener: Server;
  let reached = 0;

  beforeAll(async () => {
    host = await sharedDaemon();
    hub = new TestHub();
    runner = await TestRunner.create(hub, {
      ...(await dockerEnv(host)),
      PODIUM_MAX_LOG_BYTES: String(MIB),
      PODIUM_MAX_PROCESSES: String(MAX_PROCESSES),
    });
    await runner.start();
    neighbour = hub.assign(NEIGHBOUR, { timeout_ms: 600_000 });
    await hub.until("the neighbour reports", () => steps() > 0);
    listener = createServer((socket) => {
      reached++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, "0.0.0.0", resolve));
  });

  afterAll(async () => {
    listener?.close();
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
    expect(containersOf(host, runner.data)).toEqual([]);
  });

  const steps = () => hub.recordsOf(neighbour.attempt_id, "metric").length;

  /** Runs an attack to its end; the neighbour must be reporting before, and go on after. */
  async function attack(
    script: string,
    overrides: Partial<Assignment> = {},
  ): Promise<{ report: AttemptReport; log: string[] }> {
    const assignment = hub.assign(script, overrides);
    const report = await hub.ended(assignment);
    const before = steps();
    await hub.until("the neighbour goes on", () => steps() > before + 1);
    expect(hub.report(neighbour.attempt_id)).toMatchObject({ state: "running" });
    const log = hub.log(assignment.attempt_id);
    hub.drop(assignment.attempt_id);
    return { report, log };
  }

  const limited = (limits: object) => ({ resources: resourcesSchema.parse(limits) });

  test("network: no address of this machine can be reached, not even a listener on its loopback", async () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const addresses = own.filter(({ family }) => family === "IPv4").map(({ address }) => address);
    const { port } = listener.address() as { port: number };
    const script = `import json, socket, sys
for address in json.loads(sys.argv[1]):
    try:
        socket.create_connection((address, int(sys.argv[2])), 1)
        print("reached", address)
    except OSError:
        pass
print(sorted(name for _, name in socket.if_nameindex() if open(f"/sys/class/net/{name}/operstate").read() != "down\\n"))`;
    const { report, log } = await attack(script, {
      args: [JSON.stringify([...new Set([...addresses, "127.0.0.1", "172.17.0.1"])]), String(port)],
    });
    expect(report.failure).toBeNull();
    expect(log).toEqual(["['lo']"]);
    expect(reached).toBe(0);
  });

  test("files of the host and of other sessions, and Docker's socket, are out of sight", async () => {
    const secret = join(runner.data, "attempts", neighbour.attempt_id, "session/home/secret");
    expect(readFileSync(secret, "utf8")).toBe("the neighbour's own");
    const paths = [runner.data, secret, "/etc/shadow", "/root", host.slice("unix://".length)];
    const script = `import os, sys
for path in sys.argv[1:] + ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd"]:
    try:
        print("seen", path, os.listdir(path) if os.path.isdir(path) else open(path).read(10))
    except OSError:
        pass
for link in ("/proc/1/root", "/proc/1/cwd"):
    try:
        print(os.listdir(link + "/root"), os.listdir(link + sys.argv[1]))
    except OSError:
        pass
found = [folder for folder, _, files in os.walk("/", onerror=None) if not folder.startswith(("/proc", "/sys", "/usr")) and "secret" in files]
print("secrets:", found)`;
    const { report, log } = await attack(script, { args: paths });
    expect(report.failure).toBeNull();
    expect(log).toEqual(["secrets: []"]);
  });

  test("only one's own places can be written to; what is shared is read-only", async () => {
    const script = `import os
for path in ("/data/movies/rows.csv", "/data/movies/new", "/usr/x", "/etc/passwd", "/etc/x", "/x", "/opt/podium/sdk/x",
             "/run/podium/x", "/run/x", "/var/tmp/x", "/loaded/x", "/app/x", "/tmp/x", "/output/x", os.environ["HOME"] + "/x", "/dev/shm/x"):
    try:
        open(path, "a").write("x")
        print(path)
    except OSError:
        pass`;
    const tree_id = hub.addTree({ "rows.csv": "1" });
    const { log } = await attack(script, { datasets: [{ name: "movies", tree_id, size_bytes: 1 }] });
    expect(log).toEqual(["/app/x", "/tmp/x", "/output/x", "/home/session/x", "/dev/shm/x"]);
  });

  test("another session's SDK socket has no name in here; one's own is there", async () => {
    const script = `import os, socket
print(os.listdir("/run/podium"))
# One's own connection is listed by the name that its other end has on the host.
names = [line.split()[-1] for line in open("/proc/net/unix").read().splitlines()[1:] if "/" in line and os.environ["PODIUM_ATTEMPT"] not in line]
print(names)
for fd in range(3, 64):
    try:
        print(os.readlink(f"/proc/1/fd/{fd}"))
    except OSError:
        pass`;
    const { log } = await attack(script);
    expect(log[0]).toBe("['sdk.sock']");
    expect(log.slice(1).join("\n")).not.toContain(neighbour.attempt_id);
    expect(log[1]).toBe("[]");
  });

  test("a fork bomb is refused more processes than it may have, and is told so", async () => {
    const script = `import os, time
for _ in range(${MAX_PROCESSES * 5}):
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)`;
    const { report } = await attack(script);
    expect(report.failure?.code).toBe("user_error");
    // Its first refused fork ends it: before or after the runner has looked at what the kernel refused.
    const { message = "", hint = "" } = report.failure ?? {};
    expect(`${message} ${hint}`).toContain(
      message.includes("was refused more")
        ? `The session had ${MAX_PROCESSES} processes`
        : `a session may have ${MAX_PROCESSES} at once`,
    );
    expect(hint).toContain("Use fewer workers.");
  });

  test("a memory bomb is killed at its limit and nothing else is", async () => {
    const script = `hog = []
for _ in range(40):
    hog.append(bytearray(16 * 2**20))`;
    const { report } = await attack(script, limited({ memory_bytes: 128 * MIB }));
    expect(report.failure).toMatchObject({
      code: "out_of_memory",
      message: "The session reached its memory limit of 128 MiB and was killed.",
    });
    expect(report.failure?.hint).toContain("more memory");
  });

  test("memory that hides in /dev/shm counts, and ends there", async () => {
    const script = `with open("/dev/shm/hog", "wb") as hog:
    for _ in range(64):
        hog.write(bytes(2**20))`;
    const { report } = await attack(script, limited({ memory_bytes: 128 * MIB, shm_bytes: 16 * MIB }));
    expect(report.failure?.message).toContain("No space left on device");
  });

  test("a disk filler meets its limit; the machine's disk does not", async () => {
    const script = `import os
os.mkdir("/tmp/many")
with open("/tmp/hog", "wb") as hog:
    for _ in range(256):
        hog.write(os.urandom(2**20))`;
    const { report } = await attack(script, limited({ disk_bytes: 48 * MIB }));
    expect(report.failure).toMatchObject({ code: "disk_full" });
    expect(report.failure?.message).toStartWith(
      "The session filled its disk; its limit is 48 MiB. It ended with: OSError: [Errno 28]",
    );
    expect(report.failure?.hint).toContain("--disk");
  });

  test("an endless log is cut at its bound on the disk too, and the session is told", async () => {
    const assignment = hub.assign(`
import os
line = b"x" * 65535 + b"\\n"
while True:
    try:
        os.write(1, line)
    except OSError:
        pass`);
    const log = join(runner.data, "attempts", assignment.attempt_id, "log");
    let largest = 0;
    const watching = setInterval(() => {
      if (existsSync(join(log, "output.log")))
        largest = Math.max(largest, Bun.file(join(log, "output.log")).size);
    }, 5);
    const report = await hub.ended(assignment);
    clearInterval(watching);
    expect(report.failure?.message).toBe("The session wrote more than 1 MiB of log.");
    // The bound and what a file system keeps for its own tables.
    expect(largest).toBeLessThan(6 * MIB);
    hub.drop(assignment.attempt_id);
  });

  test("one's log can't be made to lead elsewhere", async () => {
    const script = `import os
for attempt in (lambda: os.unlink("/run/podium-output.log"), lambda: os.rename("/run/podium-output.log", "/tmp/log"),
                lambda: os.symlink("/etc/passwd", "/run/podium-output.log")):
    try:
        attempt()
        print("done")
    except OSError:
        pass
os.ftruncate(1, 0)
print("still here")`;
    const { report } = await attack(script);
    expect(report.failure).toBeNull();
  });

  test("setuid programs, namespaces, mounts and capabilities give nothing", async () => {
    const script = `import ctypes, os, subprocess
print(subprocess.run(["/usr/bin/setuid-id", "-u"], capture_output=True, text=True).stdout.strip())
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x20000
print(libc.unshare(CLONE_NEWUSER), libc.unshare(CLONE_NEWNS), libc.mount(b"none", b"/tmp", b"tmpfs", 0, None))
for act in (lambda: os.setuid(0), lambda: os.chroot("/tmp"), lambda: os.sethostname("x") if hasattr(os, "sethostname") else os.setuid(0),
            lambda: os.nice(-5), lambda: os.chown("/app", 0, 0)):
    try:
        act()
        print("done")
    except OSError:
        pass
status = open("/proc/self/status").read()
print([line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapBnd", "NoNewPrivs", "Seccomp:"))])`;
    const { report, log } = await attack(script);
    expect(report.failure).toBeNull();
    expect(log[0]).not.toBe("0");
    expect(log.slice(1)).toEqual(["-1 -1 -1", "['0000000000000000', '0000000000000000', '1', '2']"]);
  });

  test("device files can't be made or opened", async () => {
    const script = `import os, stat
for name, major, minor in (("mem", 1, 1), ("vda", 254, 0), ("sda", 8, 0), ("loop0", 7, 0), ("kmsg", 1, 11)):
    for path in ("/tmp/" + name, "/dev/shm/" + name, "/dev/" + name):
        try:
            os.mknod(path, stat.S_IFBLK | 0o666 if name in ("vda", "sda", "loop0") else stat.S_IFCHR | 0o666, os.makedev(major, minor))
            print("made", path)
        except OSError:
            pass
        try:
            os.close(os.open(path, os.O_RDONLY))
            print("opened", path)
        except OSError:
            pass
print(sorted(set(os.listdir("/dev")) - {"null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "shm", "mqueue", "fd", "stdin", "stdout", "stderr", "core"}))`;
    const { log } = await attack(script);
    expect(log).toEqual(["[]"]);
  });

  test("nothing of /proc and /sys can be written, and what tells of the machine is masked", async () => {
    const script = `import os
for path in ("/proc/sys/vm/swappiness", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/kernel/hostname",
             "/sys/kernel/uevent_helper", "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/release_agent",
             "/sys/fs/cgroup/cgroup.procs", "/sys/power/state"):
    try:
        # Opened only: this test must do no harm where it fails.
        os.close(os.open(path, os.O_WRONLY))
        print("writable", path)
    except OSError:
        pass
for path in ("/proc/kcore", "/proc/keys", "/proc/timer_list"):
    try:
        print(path, len(open(path, "rb").read(64)))
    except OSError:
        pass
print(max(int(name) for name in os.listdir("/proc") if name.isdigit()) < 30)`;
    const { log } = await attack(script);
    expect(log.filter((line) => line.startsWith("writable"))).toEqual([]);
    expect(log.filter((line) => !line.endsWith(" 0"))).toEqual(["True"]);
  });

  test("after all of it the neighbour ends well, and nothing of the attackers is left", async () => {
    const tmp = join(runner.data, "attempts", neighbour.attempt_id, "session/tmp");
    await Bun.write(join(tmp, "enough"), "");
    expect(await hub.ended(neighbour)).toMatchObject({ exit_code: 0, failure: null });
    expect(hub.log(neighbour.attempt_id)).toEqual(["untouched"]);
    const seen = hub.recordsOf(neighbour.attempt_id, "metric").map(({ step }) => step);
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, step) => step));
    hub.drop(neighbour.attempt_id);
    await hub.until("all is forgotten", () => hub.reports.size === 0);
    expect(readdirSync(join(runner.data, "attempts"))).toEqual([]);
    expect(containersOf(host, runner.data)).toEqual([]);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(runner.data);
  });
});
