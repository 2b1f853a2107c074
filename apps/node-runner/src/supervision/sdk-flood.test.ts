import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;

/** What every attack begins with: the socket, and frames by hand. */
const RAW = `import json, os, socket, struct, sys, time
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(os.environ["PODIUM_SOCKET"])
    return s
def frame(meta, tail=b""):
    text = json.dumps(meta).encode()
    return struct.pack("<II", 4 + len(text) + len(tail), len(text)) + text + tail
hello = frame({"type": "hello", "seq": 0, "pid": os.getpid(), "mode": "train", "sdk_version": "1"})
`;

describe("a session that floods its socket", () => {
  let hub: TestHub;
  let runner: TestRunner;

  beforeEach(async () => {
    hub = new TestHub();
    runner = await TestRunner.create(hub);
    await runner.start();
  });
  afterEach(async () => {
    await runner.dispose();
    await hub.close();
    expect(hub.violations).toEqual([]);
  });

  /** The most memory that the runner has had resident, bytes. */
  function peakMemory(): number {
    const [, kib] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${runner.pid}/status`, "utf8")) ?? [];
    return Number(kib) * 1024;
  }

  test("with frames that it never finishes takes little of the runner's memory", async () => {
    const before = peakMemory();
    const script = `${RAW}
piece = bytes(2**20)
open_ends = []
for _ in range(8):
    s = connect()
    s.settimeout(1)
    open_ends.append(s)
    try:
        s.sendall(hello + struct.pack("<II", 200 * 2**20, 10))
        for _ in range(64):
            s.sendall(piece)
    except OSError:
        print("cut off")
print("done")`;
    const session = hub.assign(script);
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    expect(hub.log(session.attempt_id)).toContain("cut off");
    expect(peakMemory() - before).toBeLessThan(200 * MIB);
  });

  test("and never reads the answers has to wait", async () => {
    const before = peakMemory();
    const script = `${RAW}
s = connect()
s.sendall(hello)
s.settimeout(1)
bad = frame({"type": "x" * 100, "seq": 1}) * 1000
sent = 0
try:
    while sent < 400 * 2**20:
        s.sendall(bad)
        sent += len(bad)
except TimeoutError:
    print("waits")`;
    const session = hub.assign(script);
    await hub.ended(session);
    expect(hub.log(session.attempt_id)).toEqual(["waits"]);
    expect(peakMemory() - before).toBeLessThan(200 * MIB);
  });

  test("with what is no frame does not fill the runner's log, nor its table of files", async () => {
    const script = `${RAW}
for _ in range(2000):
    s = connect()
    try:
        s.sendall(struct.pack("<II", 2**31, 0))
    except OSError:
        pass
held = []
for _ in range(600):
    s = connect()
    held.append(s)
time.sleep(0.5)
cut = 0
for s in held:
    s.setblocking(False)
    try:
        cut += s.recv(1) == b""
    except BlockingIOError:
        pass
    except ConnectionError:
        cut += 1
print(cut)`;
    const session = hub.assign(script);
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    expect(Number(hub.log(session.attempt_id)[0])).toBeGreaterThanOrEqual(600 - 256);
    expect(runner.output.split("is not a frame").length).toBeLessThan(30);
  });

  test("with a report, or a signature, of more than the hub takes is told so, and ends", async () => {
    const script = `${RAW}
s = connect()
s.sendall(hello)
tensor = {"name": "x" * 200_000, "datatype": "FP32", "shape": [1]}
s.sendall(frame({"type": "report", "seq": 1, "step": 1, "wall_time": 0, "values": {str(n): 1 for n in range(20_000)}}))
s.sendall(frame({"type": "ready", "seq": 2, "signature": {"inputs": [tensor], "outputs": [tensor], "batch": False}}))
answers = b""
while answers.count(b"nack") < 2:
    answers += s.recv(65536)
print(answers.count(b"nack"), b"10000 values" in answers, b"65536 bytes" in answers)`;
    const session = hub.assign(script);
    expect(await hub.ended(session)).toMatchObject({ failure: null });
    expect(hub.log(session.attempt_id)).toEqual(["2 True True"]);
  });
});
