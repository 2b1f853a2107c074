import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lintBundle } from "../bundles/lint-bundle.ts";
import { describeFindings } from "../yaml-file.ts";
import { zipOf } from "./zip.ts";

const root = mkdtempSync(join(tmpdir(), "podium-lint-"));
let count = 0;
/** An empty folder. */
export const fresh = () => {
  const folder = join(root, String(++count));
  mkdirSync(folder, { recursive: true });
  return folder;
};

/** A bundle of Codabench. */
export const V2 = `version: 2
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
/** A zip file of texts. */
export const zip = (...entries: [string, string][]) => zipOf(entries.map(([name, text]) => ({ name, text })));
/** What the bundle of Codabench names. */
export const FILES: Record<string, string | Uint8Array> = {
  "terms.md": "Be fair.",
  "overview.md": "# Overview",
  "truth.zip": zip(["reference/truth.csv", "id,digit\n1,7\n2,3\n"]),
  "solution.zip": zip(["answer.csv", "id,digit\n1,7\n2,2\n"]),
  "input/images.csv": "id,pixels\n1,0\n2,0\n",
  "scoring/metadata.yaml": "command: python3 $program/score.py $input $output\n",
  "scoring/score.py": "print()",
};

/** A folder with this competition.yaml and what it names; null: without that file. */
export function bundle(yaml = V2, files: Record<string, string | Uint8Array | null> = {}): string {
  const folder = fresh();
  for (const [name, text] of Object.entries({ ...FILES, ...files, "competition.yaml": yaml })) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** What the linter says of a bundle. */
export async function lint(path: string) {
  const scratch = fresh();
  const linted = await lintBundle(path, scratch);
  return { ...linted, scratch, text: describeFindings("competition.yaml", linted.findings) };
}

/** A bundle of CodaLab, and the pages that it names. */
export const V15 = `title: Old contest
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
export const HTML = { "overview.html": "<h1>Hi</h1>", "terms.html": "<p>Be fair</p>" };
