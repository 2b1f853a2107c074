import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipOf } from "../testing/zip.ts";
import { describeFindings } from "../yaml-file.ts";
import { lintBundle } from "./lint-bundle.ts";

const root = mkdtempSync(join(tmpdir(), "podium-lint-"));
let count = 0;
const fresh = () => {
  const folder = join(root, String(++count));
  mkdirSync(folder, { recursive: true });
  return folder;
};

const V2 = `version: 2
title: Digits!
description: Read them
docker_image: python:3.12
terms: terms.md
pages:
  - title: Overview
    file: overview.md
tasks:
  - index: 0
    name: First
    reference_data: truth.zip
    input_data: input
    scoring_program: scoring
phases:
  - index: 0
    name: Development
    start: 2030-01-01 00:00:00
    end: 2030-02-01T00:00:00Z
    max_submissions: 50
    execution_time_limit: 300
    tasks: [0]
  - index: 1
    name: Final
    start: 2030-02-01T00:00:00Z
    tasks: [0]
solutions:
  - index: 0
    path: solution.zip
    tasks: [0]
leaderboards:
  - title: Results
    key: main
    submission_rule: Force_Last
    columns:
      - key: accuracy_public
        title: Accuracy
        index: 0
        sorting: desc
      - key: rmse
        title: Error
        index: 1
        sorting: asc
        precision: 3
      - key: both
        title: Mean
        index: 2
        sorting: desc
        computation: avg
        computation_indexes: ["0", "1"]
        hidden: true
`;
const zip = (...entries: [string, string][]) => zipOf(entries.map(([name, text]) => ({ name, text })));
const FILES: Record<string, string | Uint8Array> = {
  "terms.md": "Be fair.",
  "overview.md": "# Overview",
  "truth.zip": zip(["reference/truth.csv", "id,digit\n1,7\n2,3\n"]),
  "solution.zip": zip(["answer.csv", "id,digit\n1,7\n2,2\n"]),
  "input/images.csv": "id,pixels\n1,0\n2,0\n",
  "scoring/metadata.yaml": "command: python3 $program/score.py $input $output\n",
  "scoring/score.py": "print()",
};

function bundle(yaml = V2, files: Record<string, string | Uint8Array | null> = {}): string {
  const folder = fresh();
  for (const [name, text] of Object.entries({ ...FILES, ...files, "competition.yaml": yaml })) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function lint(path: string) {
  const scratch = fresh();
  const linted = await lintBundle(path, scratch);
  return { ...linted, scratch, text: describeFindings("competition.yaml", linted.findings) };
}

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

const V15 = `title: Old contest
description: From before
competition_docker_image: codalab/codalab-legacy:py3
html:
  overview: overview.html
  terms: terms.html
phases:
  1:
    phasenumber: 1
    label: Warm up
    start_date: 2030-01-01
    max_submissions: 10
    reference_data: truth.zip
    scoring_program: scoring
  2:
    phasenumber: 2
    label: "Real"
    start_date: 2030-02-01
    reference_data: truth.zip
    scoring_program: scoring
leaderboard:
  leaderboards:
    Results: &results {label: Results, rank: 1}
  columns:
    time:
      leaderboard: *results
      label: Duration
      rank: 2
      sort: asc
    accuracy:
      leaderboard: *results
      label: Accuracy
      rank: 1
      numeric_format: 2
`;
const HTML = { "overview.html": "<h1>Hi</h1>", "terms.html": "<p>Be fair</p>" };

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

test("nothing that a bundle says goes without a word: each has its place, is noted, or stops the import", async () => {
  const notes: [string, string, RegExp][] = [
    [
      "title: Digits!",
      "whitelist_emails: [ann@example.org]\ntitle: Digits!",
      /write the addresses as eligibility/,
    ],
    ["title: Digits!", "reward: gold\ntitle: Digits!", /reward: has no counterpart/],
    [
      "    max_submissions: 50",
      "    auto_migrate_to_this_phase: true\n    max_submissions: 50",
      /They submit again/,
    ],
    [
      "    max_submissions: 50",
      "    hide_output: true\n    max_submissions: 50",
      /hide_output: is left out: what runs on/,
    ],
    [
      "    max_submissions: 50",
      "    hide_score_output: true\n    max_submissions: 50",
      /give the round a `freeze`/,
    ],
    ["    name: First", "    name: First\n    shared_data: x", /tasks\.0\.shared_data: has no counterpart/],
    [
      "        precision: 3",
      "        precision: 3\n        colour: red",
      /columns\.1\.colour: has no counterpart/,
    ],
    ["    key: main", "    key: main\n    style: wide", /leaderboards\.0\.style: has no counterpart/],
    [
      "    file: overview.md",
      "    file: overview.md\n    draft: true",
      /pages\.0\.draft: has no counterpart/,
    ],
  ];
  for (const [line, instead, told] of notes) {
    const { contest, text } = await lint(bundle(V2.replace(line, instead)));
    expect(text).toMatch(told);
    expect(contest).not.toBeNull();
  }
  for (const [line, instead, told] of [
    [
      "    key: main",
      "    key: main\n    hidden: true",
      /:\d+:5: leaderboards\.0\.hidden: would hide the board/,
    ],
    [
      "    name: First",
      "    name: First\n    ingestion_only_during_scoring: true",
      /:\d+:5: tasks\.0\.ingestion_only_during_scoring: would run/,
    ],
  ] as const) {
    const { contest, text } = await lint(bundle(V2.replace(line, instead)));
    expect(text).toMatch(told);
    expect(contest).toBeNull();
  }
  const { contest } = await lint(bundle());
  expect(contest?.definition.rounds[0]?.limits).toMatchObject({
    per_day: 5,
    total: 50,
    infer_timeout: "300s",
  });
  expect(contest?.definition.scorer).toMatchObject({ timeout: "600s" });
});

test("of CodaLab's boards and columns nothing goes without a word either", async () => {
  const { text } = await lint(
    bundle(
      V15.replace("      numeric_format: 2", "      numeric_format: 2\n      column_group: x").replace(
        "title:",
        "anonymous_leaderboard: true\ntitle:",
      ),
      HTML,
    ),
  );
  expect(text).toContain("leaderboard.columns.accuracy.column_group: has no counterpart");
  expect(text).toContain("anonymous_leaderboard: has no counterpart");
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
