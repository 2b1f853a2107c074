import { expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestHub } from "../testing/test-hub.ts";
import { TestRunner } from "../testing/test-runner.ts";

setDefaultTimeout(40_000);

/** Stands in for the driver's program: one GPU, used by the processes that the file `pids` names. */
const SMI = `#!/bin/sh
case "$1" in
  --query-gpu=*) echo "0, GPU-a, A100, 40960, 95, 600, 30, 50.0" ;;
  *) while read -r pid; do echo "GPU-a, $pid, 512"; done <"$(dirname "$0")/pids" ;;
esac
`;

test("the hub hears which session's processes are on a GPU, and how busy both are", async () => {
  const folder = mkdtempSync(join(tmpdir(), "podium-smi-"));
  writeFileSync(join(folder, "nvidia-smi"), SMI);
  chmodSync(join(folder, "nvidia-smi"), 0o755);
  writeFileSync(join(folder, "pids"), `${process.pid}\n`);
  const hub = new TestHub();
  const runner = await TestRunner.create(hub, { PATH: `${folder}:${Bun.env["PATH"]}` });
  try {
    await runner.start();
    const script = `import os\nprint(os.getpid(), flush=True)\nwhile True: pass\n`;
    const { attempt_id } = hub.assign(script, { devices: [0] });
    await hub.until("it runs", () => hub.log(attempt_id).length > 0);
    writeFileSync(join(folder, "pids"), `${process.pid}\n${hub.log(attempt_id)[0]}\n`);

    await hub.until("its process is seen", () => hub.usage?.processes.length === 2);
    expect(hub.usage?.processes).toMatchObject([
      { device: 0, pid: process.pid, attempt_id: null },
      { device: 0, pid: Number(hub.log(attempt_id)[0]), attempt_id, memory_bytes: 512 * 1024 ** 2 },
    ]);
    expect(hub.usage?.devices).toMatchObject([{ index: 0, utilization: 0.95, power_watts: 50 }]);
    // Other runners' sessions may be on this machine too.
    const its = () => hub.usage?.attempts.find((each) => each.attempt_id === attempt_id);
    await hub.until("its time is seen", () => (its()?.cpu_ms ?? 0) > 0);
    expect(its()?.memory_bytes).toBeGreaterThan(1024 ** 2);
    hub.drop(attempt_id);
    await hub.until("nothing of it is left", () => its() === undefined);
  } finally {
    await runner.dispose();
    await hub.close();
    rmSync(folder, { recursive: true });
  }
  expect(hub.violations).toEqual([]);
});
