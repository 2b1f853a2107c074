import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestHub } from "../../testing/test-hub.ts";
import { TestRunner } from "../../testing/test-runner.ts";

setDefaultTimeout(30_000);

/** Stands in for the driver's program: a GPU that nothing uses. */
const SMI = `#!/bin/sh
case "$1" in --query-gpu=*) echo "0, GPU-a, A100, 40960, 0, 0, 30, 50.0" ;; esac
`;

const isMissing = Bun.which("bwrap") === null;
const title = isMissing
  ? "isolation by bubblewrap (skipped: bwrap is not installed)"
  : "isolation by bubblewrap";

describe.skipIf(isMissing && Bun.env["CI"] !== "true")(title, () => {
  let hub: TestHub;
  let runner: TestRunner;
  let programs: string;

  beforeEach(async () => {
    hub = new TestHub();
    programs = mkdtempSync(join(tmpdir(), "podium-smi-"));
    writeFileSync(join(programs, "nvidia-smi"), SMI);
    chmodSync(join(programs, "nvidia-smi"), 0o755);
    const PATH = `${programs}:${Bun.env["PATH"]}`;
    runner = await TestRunner.create(hub, { PODIUM_SANDBOX: "bubblewrap", PATH });
    await runner.start();
  });
  afterEach(async () => {
    await runner.dispose();
    await hub.close();
    rmSync(programs, { recursive: true });
    expect(hub.violations).toEqual([]);
  });

  /** Runs a script that prints what it got at and returns its log. */
  async function spy(script: string, args: string[] = [], devices: number[] = []): Promise<string[]> {
    const session = hub.assign(script, {
      args,
      devices,
      datasets: [{ name: "movies", tree_id: hub.addTree({ "rows.csv": "1" }), size_bytes: 1 }],
    });
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    return hub.log(session.attempt_id);
  }

  test("the node's token, other attempts and the machine's home folders are out of sight", async () => {
    const script = `import os, sys
for path in (sys.argv[1], sys.argv[1] + "/node.json", "/root/.bashrc", "/home", "/var", "/etc/shadow", "/etc/hostname"):
    print(os.path.exists(path), os.listdir(path) if os.path.isdir(path) else "")
print(sorted(os.listdir("/")))`;
    const seen = await spy(script, [runner.data]);
    expect(seen.slice(0, 3)).toEqual(["False ", "False ", "False "]);
    expect(seen.slice(3, 7)).toEqual(["True ['session']", "False ", "False ", "False "]);
    expect(seen[7]).not.toContain("work");
  });

  test("only one's own places can be written to", async () => {
    const script = `import os
for path in ("/data/movies/rows.csv", "/data/movies/new", "/usr/x", "/etc/x", "/x", "/opt/podium/sdk/x", "/run/podium/x",
             "/dev/x", "/app/x", "/tmp/x", "/output/x", os.environ["HOME"] + "/x", "/dev/shm/x"):
    try:
        open(path, "a").write("x")
        print(path)
    except OSError:
        pass`;
    expect(await spy(script)).toEqual(["/app/x", "/tmp/x", "/output/x", "/home/session/x", "/dev/shm/x"]);
  });

  test("there is no network, not even to this machine", async () => {
    const script = `import socket, sys
for address in (("127.0.0.1", int(sys.argv[1])), ("192.0.2.1", 80)):
    try:
        socket.create_connection(address, 2)
        print("reached", address)
    except OSError as error:
        print(type(error).__name__)`;
    const seen = await spy(script, [new URL(hub.url).port]);
    expect(seen).toEqual(["ConnectionRefusedError", "OSError"]);
  });

  test("other processes can't be seen, and there are no privileges", async () => {
    const script = `import os
print(max(int(name) for name in os.listdir("/proc") if name.isdigit()) < 20, os.getuid() != 0)
status = open("/proc/self/status").read()
print([line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))])
for path in ("/proc/sys/vm/swappiness", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"):
    try:
        # Opened only: this test must do no harm where it fails.
        os.close(os.open(path, os.O_WRONLY))
        print("writable", path)
    except OSError:
        print("refused")`;
    expect(await spy(script)).toEqual([
      "True True",
      "['0000000000000000', '0000000000000000', '1']",
      "refused",
      "refused",
      "refused",
    ]);
  });

  test("with a GPU, files of one's own processes in /proc can be written to, as CUDA does; the kernel's can't", async () => {
    const script = `import os
open("/proc/self/task/%d/comm" % os.getpid(), "w").write("cuda-thread")
print(open("/proc/self/comm").read().strip())
def is_writable(path):
    if not os.access(path, os.W_OK):
        return False
    try:
        # Opened only: this test must do no harm where it fails.
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        return True
    except OSError:
        return False
kernels = [name for name in os.listdir("/proc") if not name.isdigit() and not os.path.islink("/proc/" + name)]
found = [os.path.join(folder, name) for top in kernels for folder, _, names in os.walk("/proc/" + top) for name in names]
found += ["/proc/" + top for top in kernels if not os.path.isdir("/proc/" + top)]
print(len(found) > 500, "/proc/sysrq-trigger" in found or not os.path.exists("/proc/sysrq-trigger"))
print([path for path in found if is_writable(path)])`;
    expect(await spy(script, [], [0])).toEqual(["cuda-thread", "True True", "[]"]);
  });

  test("a link that leads out of the session can't be saved, whatever it points to", async () => {
    const script = `import os, sys, podium
def save(path):
    os.symlink(sys.argv[1], os.path.join(path, "stolen"))
podium.bind(save=save)
try:
    podium.save("a")
except Exception as error:
    print(error)`;
    const [said] = await spy(script, [`${runner.data}/node.json`]);
    expect(said).toContain('"stolen" is a link');
  });
});
