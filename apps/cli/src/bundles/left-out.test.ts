import { expect, test } from "bun:test";
import { bundle, HTML, lint, V2, V15 } from "../testing/bundles.ts";

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
