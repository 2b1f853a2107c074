import { describe, expect, test } from "bun:test";
import { readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, FILES, fresh, HTML, lint, V2, V15, zip } from "../testing/bundles.ts";
import { zipOf } from "../testing/zip.ts";

describe("a Codabench bundle", () => {
  test("becomes a contest: phases are rounds, columns are columns, defaults are Codabench's own", async () => {
    const { kind, contest, text } = await lint(bundle());
    expect(kind).toBe("Codabench");
    expect(text).toBe(
      "  competition.yaml:18:5: note: phases.0.start: has no offset from UTC and is read as 2030-01-01T00:00:00Z",
    );
    expect(contest?.definition).toMatchObject({
      name: "digits",
      metric: { name: "custom", value: "accuracy_public", order: "descending" },
      columns: [
        { key: "accuracy-public", hidden: true },
        { key: "rmse", metric: { name: "custom", value: "rmse", order: "ascending" }, precision: 3 },
        {
          key: "both",
          metric: { name: "computed", compute: "avg", of: ["accuracy-public", "rmse"] },
          hidden: true,
        },
      ],
      scorer: { convention: "codabench", image: "python:3.12", timeout: "600s" },
      leaderboard: { counts: "last", final: "last" },
      pages: [{ name: "overview", title: "Overview", content: "# Overview" }],
      terms: { content: "Be fair." },
      rounds: [
        {
          name: "development",
          opens_at: "2030-01-01T00:00:00Z",
          closes_at: "2030-02-01T00:00:00Z",
          accepts: ["predictions"],
          limits: { per_day: 5, total: 50, infer_timeout: "300s" },
        },
        { name: "final", limits: { per_day: 5, total: 100, infer_timeout: "600s" } },
      ],
    });
    // The folder above the files of a zip is left out.
    expect(readdirSync(join(contest?.folder ?? "", "data/final/labels"))).toEqual(["truth.csv"]);
  });

  test("gives a round whose phase has programs of its own those, and code only where one runs it", async () => {
    const yaml = V2.replace(
      "phases:",
      `  - index: 1
    name: Second
    reference_data: truth.zip
    input_data: input
    scoring_program: final-scoring
    ingestion_program: ingestion
phases:`,
    ).replace("Z\n    tasks: [0]", "Z\n    tasks: [1]");
    const { contest, text } = await lint(
      bundle(yaml, {
        "final-scoring/metadata.yaml": "command: python3 $program/final.py $input $output\n",
        "final-scoring/final.py": "print()",
        "ingestion/metadata.yaml": "command: python3 $ingestion_program/run.py\n",
      }),
    );
    expect(text).not.toMatch(/^(?!.*note)/m);
    expect(contest?.definition).toMatchObject({
      scorer: { program: "scorer" },
      ingestion: { program: "ingestion" },
      rounds: [{ accepts: ["predictions"] }, { accepts: ["code"], scorer_program: "scorer-2" }],
    });
    expect(contest?.definition.rounds[0]).not.toHaveProperty("scorer_program");
    expect(contest?.definition.rounds[1]).not.toHaveProperty("ingestion_program");
    expect(readdirSync(join(contest?.folder ?? "", "scorer-2")).sort()).toEqual([
      "final.py",
      "metadata.yaml",
    ]);
    expect(await lint(contest?.folder ?? "")).toMatchObject({ kind: "Podium", findings: [] });
  });

  test("becomes a folder that is a contest without a problem", async () => {
    const { contest } = await lint(bundle());
    const again = await lint(contest?.folder ?? "");
    expect(again).toMatchObject({ kind: "Podium", findings: [] });
    expect(again.contest?.definition).toEqual(contest?.definition as never);
  });

  test("may be a zip with a folder above everything, and may call its board `leaderboard`", async () => {
    const entries = Object.entries({
      ...FILES,
      "competition.yaml": V2.replace("leaderboards:", "leaderboard:"),
    });
    const packed = `${fresh()}/bundle.zip`;
    // A zip in a zip is bytes, not text.
    const inner = zipOf(
      entries.map(([name, text]) => ({
        name: `digits/${name}`,
        bytes: typeof text === "string" ? Buffer.from(text) : text,
      })),
    );
    writeFileSync(packed, inner);
    expect((await lint(packed)).contest?.definition.name).toBe("digits");
  });

  const wrong: [string, string, Record<string, string | Uint8Array | null>, RegExp][] = [
    [
      "a metric that sorts the wrong way",
      V2.replace("sorting: asc", "sorting: desc"),
      {},
      /:43:9: leaderboards\.0\.columns\.1\.sorting: "rmse" is better when it is smaller.*write asc/,
    ],
    [
      "a solution whose rows don't match",
      V2,
      { "solution.zip": zip(["a.csv", "id,digit\n1,7\n2,3\n3,3\n4,4\n"]) },
      /^[^\n]*\n[^\n]*:29:5: solutions\.0\.path: a\.csv has 5 lines and truth\.csv of task 0 has 3[^\n]*$/,
    ],
    [
      "dates that overlap",
      V2.replace("start: 2030-02-01T00:00:00Z", "start: 2030-01-15T00:00:00Z"),
      {},
      /:25:5: phases\.1\.start: is before the round before it closes/,
    ],
    [
      "a file that is not there",
      V2,
      { "overview.md": null },
      /:8:5: pages\.0\.file: there is no overview\.md/,
    ],
    [
      "a program without a command",
      V2,
      { "scoring/metadata.yaml": "description: x\n" },
      /:14:5: tasks\.0\.scoring_program: metadata\.yaml has no `command`/,
    ],
    [
      "a placeholder that is none",
      V2,
      { "scoring/metadata.yaml": "command: python3 $programs/x.py\n" },
      /nothing is put in the place of \$programs/,
    ],
    [
      "several tasks in a phase",
      V2.replace("tasks: [0]", "tasks: [0, 1]"),
      {},
      /:22:5: phases\.0\.tasks: names 2 tasks, .*Make a phase of each task.*or make one task/,
    ],
    [
      "a time that is none",
      V2.replace("2030-01-01 00:00:00", "soon"),
      {},
      /:18:5: phases\.0\.start: "soon" is no time/,
    ],
    [
      "a task of another server",
      V2.replace("name: First", "key: 0198-abc"),
      {},
      /:11:5: tasks\.0\.key: names a task of the server/,
    ],
    [
      "a path that leads out",
      V2.replace("input_data: input", "input_data: ../secret"),
      {},
      /"\.\.\/secret" is not a path inside the bundle/,
    ],
    [
      "Python objects",
      V2.replace("title: Digits!", "title: !!python/object/apply:os.system [ls]"),
      {},
      /:2:8: the tag !!python\/object\/apply:os\.system would have a Python object made/,
    ],
    ["no scoring program", V2.replace("    scoring_program: scoring\n", ""), {}, /has no scoring_program/],
  ];
  test.each(wrong)("with %s is refused, at its line", async (_, yaml, files, message) => {
    const { contest, text } = await lint(bundle(yaml, files));
    expect(text).toMatch(message);
    expect(contest).toBeNull();
  });

  test("with a link in it is refused", async () => {
    const folder = bundle();
    symlinkSync("/etc/hostname", join(folder, "input/link.csv"));
    expect((await lint(folder)).text).toContain("input/link.csv is a link");
  });

  test("tells every problem at once, and what follows from one only once", async () => {
    const yaml = V2.replace("sorting: asc", "sorting: desc").replace("file: overview.md", "file: nothing.md");
    expect((await lint(bundle(yaml))).findings.filter(({ note }) => !note)).toHaveLength(2);
  });

  test("with an ingestion program takes code", async () => {
    const yaml = V2.replaceAll(
      "    scoring_program: scoring\n",
      "    scoring_program: scoring\n    ingestion_program: scoring\n",
    );
    const { contest } = await lint(bundle(yaml));
    expect(contest?.definition).toMatchObject({
      ingestion: { program: "ingestion" },
      rounds: [{ accepts: ["code"] }, {}],
    });
  });
});

test("a CodaLab bundle becomes a contest: a phase ends where the next one starts", async () => {
  const { kind, contest, text } = await lint(
    bundle(V15, {
      ...HTML,
      "scoring/metadata.yaml": null,
      "scoring/metadata": "command: python $program/x.py\n",
    }),
  );
  expect(kind).toBe("CodaLab");
  expect(text).toContain("read as 2030-02-01T00:00:00Z");
  expect(contest?.definition).toMatchObject({
    name: "old-contest",
    metric: { name: "custom", value: "accuracy", order: "descending" },
    columns: [{ key: "time", title: "Duration", metric: { order: "ascending" } }],
    terms: { content: "<p>Be fair</p>" },
    rounds: [
      { name: "warm-up", closes_at: "2030-02-01T00:00:00Z", limits: { per_day: 5, total: 10 } },
      { name: "real" },
    ],
  });
  expect(contest?.definition.rounds[1]?.closes_at).toBeUndefined();
});

test("notes stop nothing: what has no counterpart is named and left out", async () => {
  const { contest, text } = await lint(bundle(`${V2}fact_sheet: {method: text}\n`));
  expect(text).toContain("note: fact_sheet: is left out: ask for it in a page");
  expect(contest).not.toBeNull();
});

test("a folder without a bundle says so; YAML without end is refused", async () => {
  await expect(lint(fresh())).rejects.toThrow("has no competition.yaml");
  expect((await lint(bundle(`a: ${"[".repeat(500)}`))).contest).toBeNull();
  const laughs = Array.from(
    { length: 9 },
    (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join(", ")}]`,
  );
  await expect(lint(bundle(`l0: &l0 [lol]\n${laughs.join("\n")}\n`))).rejects.toThrow("alias");
});
