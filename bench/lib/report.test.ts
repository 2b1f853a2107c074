import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

test("a report is a table, one last line of JSON, and a file with that line", () => {
  const folder = mkdtempSync(join(tmpdir(), "podium-report-"));
  try {
    const script = `
      import { report } from ${JSON.stringify(join(import.meta.dir, "report.ts"))};
      report({
        bench: "sample",
        figures: { took_s: 1.5, rows: 5_000_000 },
        aims: [{ name: "fast", unit: "s", aim: 2, measured: 1.5, met: true }, { name: "far", unit: "m", aim: 1, measured: null, met: null }],
      }, ${JSON.stringify(folder)});`;
    const { stdout } = Bun.spawnSync([process.execPath, "-e", script]);
    const lines = stdout.toString().trimEnd().split("\n");
    expect(lines).toContainEqual(expect.stringMatching(/^rows\s+5,000,000$/));
    expect(lines).toContainEqual(expect.stringMatching(/^far\s+m\s+1\s+–\s+not measured$/));
    const record = JSON.parse(lines.at(-1) ?? "");
    expect(record).toMatchObject({
      bench: "sample",
      figures: { took_s: 1.5 },
      aims: [{ met: true }, { met: null }],
    });
    expect(record.machine.cores).toBeGreaterThan(0);
    expect(record.date).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(JSON.parse(readFileSync(join(folder, "sample.json"), "utf8"))).toEqual(record);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
