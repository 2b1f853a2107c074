import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { competitionDefinitionSchema } from "@podium/shared";
import { temporaryFolders } from "./testing/folders.ts";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();
const folders = temporaryFolders("results");

setDefaultTimeout(30_000);

const DEFINITION = competitionDefinitionSchema.parse({
  version: 1,
  name: "numbers",
  title: "Numbers",
  metric: { name: "mse" },
  rounds: [
    {
      name: "only",
      train: "train",
      inputs: "inputs",
      labels: "labels.csv",
      target_field: "y",
      survivors: { top: 1 },
    },
  ],
});
const entrant = (team: string) => ({ id: `ent_${team}`, team, round: 1, state: "active", joined_at: "" });
const made = (n: number, team: string, score: number | null, more: object = {}) => ({
  id: `sub_${n}`,
  entrant: team,
  number: n,
  kind: "predictions",
  state: score === null ? "failed" : "scored",
  trial: false,
  selected: false,
  submitted_at: `2026-01-01T12:00:0${n}.000Z`,
  ended_at: null,
  score,
  columns: {},
  private_score: null,
  private_columns: null,
  predictions_digest: null,
  refunded: false,
  failure: score === null ? { code: "invalid_predictions", message: "=cmd|' /C calc'!A0" } : null,
  memo: '=HYPERLINK("http://x.test")',
  ...more,
});
const row = (rank: number, team: string, score: number, submissions: number, best: number) => ({
  rank,
  entrant: team,
  score,
  columns: {},
  submissions,
  best_submission_id: `sub_${best}`,
  best_at: `2026-01-01T12:00:0${best}.000Z`,
  survives: rank === 1,
  interval: null,
});
const base = "/api/v1/competitions/numbers";
const ANSWERS: Record<string, unknown> = {
  [`${base}/results`]: {
    competition: "numbers",
    definition: DEFINITION,
    rounds: [
      {
        round: "only",
        definition: DEFINITION.rounds[0],
        state: "closed",
        closed_at: null,
        advanced_at: "2026-01-02T00:00:00Z",
        revealed_at: null,
        readable: true,
      },
    ],
  },
  [`${base}/entrants`]: { items: ["ann", "bob", "cid"].map(entrant), next: null },
  [`${base}/rounds/only/results`]: {
    items: [
      made(1, "ann", 0.1 + 0.2),
      made(2, "ann", 4),
      made(3, "bob", 0.1 + 0.2),
      made(4, "cid", null),
      made(5, "cid", 0, { trial: true }),
    ],
    next: null,
  },
  [`${base}/rounds/only/leaderboard`]: {
    rows: [row(1, "ann", 0.1 + 0.2, 2, 1), row(1, "bob", 0.1 + 0.2, 1, 3)],
    next: null,
  },
};
const hub = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const answer = ANSWERS[new URL(request.url).pathname];
    return answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer);
  },
});
afterAll(() => hub.stop(true));
const podium = (...args: string[]) => runPodium(args, loggedIn(hub.url.href));

test("exported results give the same ranks and survivors again, without a hub", async () => {
  const folder = join(folders(), "export");

  const exported = await podium("competition", "export-results", "numbers", folder);
  const recomputed = await runPodium(["competition", "recompute", folder]);

  expect(exported).toMatchObject({ exitCode: 0, stderr: "" });
  expect(recomputed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(recomputed.stdout).toContain("every board as exported");
  expect(recomputed.stdout.replaceAll(/ +/g, " ")).toContain("1 ann 0.3 yes\n 1 bob 0.3 yes");
});

test("no cell of an export is a formula", async () => {
  const folder = join(folders(), "export");
  await podium("competition", "export-results", "numbers", folder);

  const table = readFileSync(join(folder, "submissions-only.csv"), "utf8");

  expect(table).toContain("'=cmd|' /C calc'!A0");
  expect(table).toContain(`"'=HYPERLINK(""http://x.test"")"`);
  expect(table).not.toMatch(/(^|,)"?[=+@]/m);
});

test("a submission that was changed afterwards shows as differences, and ends with 1", async () => {
  const folder = join(folders(), "export");
  await podium("competition", "export-results", "numbers", folder);
  const path = join(folder, "submissions-only.csv");
  const text = readFileSync(path, "utf8").replace("0.30000000000000004", "0.3");
  writeFileSync(path, text);

  const { exitCode, stdout, stderr } = await runPodium(["competition", "recompute", folder]);

  expect(exitCode).toBe(1);
  expect(stdout).toContain("public: ann has score 0.30000000000000004, recomputed 0.3");
  expect(stdout).toContain("private: bob has rank 1, recomputed 2");
  expect(stdout).toContain("bob went on, and by the round's rule it would be otherwise");
  expect(stderr).toContain("the boards are not what the submissions give");
});

test("a folder that is no export is said to be none, and one with files in it is not written to", async () => {
  const folder = folders();
  const none = await runPodium(["competition", "recompute", folder]);
  writeFileSync(join(folder, "mine.txt"), "mine");
  const full = await podium("competition", "export-results", "numbers", folder);

  expect(none).toMatchObject({ exitCode: 1 });
  expect(none.stderr).toContain("does not hold exported results");
  expect(full).toMatchObject({ exitCode: 1 });
  expect(full.stderr).toContain("is not empty");
});
