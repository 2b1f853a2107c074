import { expect, test } from "bun:test";
import { AttemptProcesses } from "./attempt-processes.ts";

const A = `att_${"a".repeat(32)}`;
const B = `att_${"b".repeat(32)}`;

/** A shell of this machine, marked as an attempt's, and the process that it has begun in the background. */
async function marked(attempt: string, background: string) {
  const shell = Bun.spawn(["sh", "-c", `${background} & echo $!; cat`], {
    env: { PATH: Bun.env["PATH"] ?? "", PODIUM_ATTEMPT: attempt },
    stdin: "pipe",
    stdout: "pipe",
  });
  const { value } = await shell.stdout.getReader().read();
  const child = Number(new TextDecoder().decode(value));
  return {
    pids: [shell.pid, child],
    async stop() {
      process.kill(child, "SIGKILL");
      shell.stdin.end();
      await shell.exited;
    },
  };
}

test("a process is its attempt's with its children, whatever these call themselves", async () => {
  const table = new AttemptProcesses();
  const shells = [await marked(A, `PODIUM_ATTEMPT=${B} sleep 20`), await marked(A, "env -i sleep 20")];
  try {
    for (let time = 0; time < 2; time++) {
      table.refresh();
      expect(shells.flatMap(({ pids }) => pids).map((pid) => table.ownerOf(pid))).toEqual([A, A, A, A]);
    }
    expect(table.ownerOf(process.pid)).toBeNull();
    expect(table.ownerOf(2 ** 22 + 1)).toBeNull();
    const uses = table.uses.filter(({ attempt_id }) => attempt_id === A || attempt_id === B);
    expect(uses).toMatchObject([{ attempt_id: A }]);
    expect(uses[0]?.processes).toBeGreaterThanOrEqual(4);
    expect(uses[0]?.memory_bytes).toBeGreaterThan(100_000);
  } finally {
    await Promise.all(shells.map((shell) => shell.stop()));
  }
});

test("the time of an attempt counts what its ended processes used, and never falls", () => {
  const row = { name: "x", state: "R", parent: 1, group: 1, session: 1, rss_bytes: 10 };
  const tables = [
    [
      { ...row, pid: process.pid, start_time: 1, cpu_ticks: 100 },
      { ...row, pid: 900_001, parent: process.pid, start_time: 2, cpu_ticks: 50 },
    ],
    [{ ...row, pid: process.pid, start_time: 1, cpu_ticks: 130 }],
    [],
  ];
  let at = 0;
  const table = new AttemptProcesses(() => tables[at++] ?? []);
  // This test's own process stands for one of nobody: it has no marker.
  table.refresh();
  expect(table.uses).toEqual([]);
  table.refresh();
  table.refresh();
  expect([table.uses, table.ownerOf(process.pid)]).toEqual([[], null]);
});
