import { expect, test } from "bun:test";
import { createStudySchema } from "@podium/shared";
import { startInference } from "./competitions/submissions/infer.ts";
import { collectTrees } from "./data/garbage/collect-trees.ts";
import { addVersion, createDataset } from "./data/index.ts";
import { findTree } from "./data/trees/store.ts";
import { namedTrees } from "./duties.ts";
import type { Sql } from "./platform/database.ts";
import { as, systemContext, type TestContext } from "./testing/context.ts";
import { withDatabase } from "./testing/database.ts";
import {
  finishWithOutput,
  type Member,
  makeCompetition,
  makeEntrant,
  makeNode,
  makeTree,
  place,
  reload,
  report,
} from "./testing/factories.ts";
import { predictions, reloadSubmission, submitCheckpoint, submitFile } from "./testing/submissions.ts";
import { createStudy } from "./tuning/create.ts";

/** Columns whose trees must stay. */
const NAMES_TREES = [
  "checkpoints.tree_id",
  "dataset_versions.tree_id",
  "rejudgings.labels_tree",
  "rejudgings.previous_labels_tree",
  "rejudgings.previous_scorer_tree",
  "rejudgings.scorer_tree",
  "rounds.ingestion_tree",
  "rounds.inputs_tree",
  "rounds.labels_tree",
  "rounds.sample_inputs_tree",
  "rounds.sample_labels_tree",
  "rounds.scorer_tree",
  "scores.losses_tree",
  "sessions.checkpoint",
  "sessions.code_tree",
  "sessions.datasets",
  "sessions.input",
  "sessions.latest_checkpoint",
  "sessions.output_tree",
  "studies.spec",
  "submissions.checkpoint",
  "submissions.code_tree",
  "submissions.predictions_tree",
];
/** Columns that go with their tree, or may outlive it. */
const FOLLOWS_TREES = [
  "cached_trees.tree_id",
  "ladder_steps.losses_tree",
  "rounds.committed",
  "tree_owners.tree_id",
  "tree_pages.tree_id",
];
/** Columns of JSON that have no tree in them. */
const NO_TREES = [
  "attempts.failure",
  "attempts.notice",
  "bindings.signature",
  "checkpoints.metrics",
  "competition_changes.details",
  "competition_versions.definition",
  "competitions.definition",
  "events.payload",
  "findings.evidence",
  // An answer that is given again, whether or not what it names is still there.
  "idempotency_keys.result",
  "nodes.capacity",
  "nodes.usage",
  "price_lists.prices",
  "leaderboard_rows.columns",
  "rejudged_submissions.failure",
  "rejudgings.refused_by",
  "rounds.definition",
  "scores.values",
  "sessions.args",
  "sessions.failure",
  "sessions.forked_from",
  "sessions.move_to",
  "sessions.nsml_flags",
  "sessions.prices",
  "sessions.progress",
  "sessions.resources",
  "sessions.serving",
  "sessions.summary",
  "studies.objective",
  "submissions.columns",
  "submissions.failure",
  "submissions.private_columns",
  "submissions.run",
  "trials.args",
  "webhooks.kinds",
  "endpoint_keys.rate",
  "endpoint_keys.scopes",
  "endpoint_keys.versions",
  "endpoints.address_rate",
  "endpoints.cors_origins",
  "endpoints.rate",
  "gateway_loads.load",
  "rollouts.at_start",
  "rollouts.at_step",
  "rollouts.before",
  "rollouts.log",
  "rollouts.steps",
  "traffic_changes.after",
  "traffic_changes.before",
  "version_figures.latency",
  "version_figures.shadow",
];

/** Columns that the world has rows for, and no verb of it fills. */
const FILLED_BY_HAND = [
  "rejudgings.labels_tree",
  "rejudgings.previous_labels_tree",
  "rejudgings.previous_scorer_tree",
  "rejudgings.scorer_tree",
  "rounds.ingestion_tree",
  "rounds.sample_inputs_tree",
  "rounds.sample_labels_tree",
  "rounds.scorer_tree",
  "scores.losses_tree",
  "submissions.code_tree",
];

const columns = async (sql: Sql, where: string) =>
  (
    await sql.unsafe(`
      select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and (${where}) order by 1`)
  ).map((row) => String(row["name"]));

/** Ids of trees that the column's values have in them. */
async function treesIn(sql: Sql, column: string): Promise<string[]> {
  const [table, name] = column.split(".");
  const rows = await sql.unsafe(`
    select distinct trees.id from "${table}", lateral regexp_matches("${name}"::text, '[0-9a-f]{64}', 'g') as found
    join trees on trees.id = found[1]`);
  return rows.map((row) => String(row["id"]));
}

/** A competition with both kinds of submission, a session that mounts a dataset, a study: trees in every place. */
async function makeWorld(ctx: TestContext): Promise<Member> {
  const { name } = await makeCompetition(ctx);
  const entrant = await makeEntrant(ctx, name);
  const teamId = entrant.team.id;
  await ctx.db.transaction(async (tx) => {
    const data = { teamId, name: "films", description: "", visibility: "team" as const };
    const datasetId = await createDataset(entrant, tx, data);
    await addVersion(entrant, tx, { datasetId, treeId: await makeTree(entrant, { "films.csv": "a\n" }) });
  });
  await submitFile(entrant, name);
  const submission = await submitCheckpoint(entrant, name, { datasets: ["films"] });
  await startInference(as(ctx, { kind: "system" }), submission.id);
  const { inferSessionId } = await reloadSubmission(ctx, submission);
  await makeNode(ctx);
  await place(ctx);
  const infer = await reload(ctx, { id: inferSessionId ?? "" });
  await report(ctx, infer, { state: "running" });
  await finishWithOutput(ctx, infer, { "predictions.csv": predictions([4, 3, 2, 1]) });
  const request = createStudySchema.parse({
    session: { code_tree: await makeTree(entrant, { "main.py": "study" }), datasets: ["films"] },
    space: { "--lr": { choice: [1, 2] } },
    objective: { metric: "loss", direction: "minimize" },
    trials: 2,
  });
  await ctx.db.transaction((tx) => createStudy(entrant, tx, request));
  return entrant;
}

async function fillByHand(sql: Sql, member: Member): Promise<void> {
  await sql.unsafe(`insert into rejudgings (id, competition_id, round_id, state, reason, scorer_version, created_at)
    select 'rej_x', competition_id, id, 'cancelled', '', '', now() from rounds limit 1`);
  await sql.unsafe(`insert into scores (id, submission_id, scorer_version, score, rows, created_at)
    select 'sco_x', id, '', 0, 0, now() from submissions limit 1`);
  for (const column of FILLED_BY_HAND) {
    const [table, name] = column.split(".");
    const tree = await makeTree(member, { [`${column}.txt`]: "" });
    await sql.unsafe(`update "${table}" set "${name}" = '${tree}'`);
  }
}

test("every column that may hold a tree's id is known: say in this test what a new one is", () =>
  withDatabase(async ({ sql }) => {
    const found = await columns(sql, "column_name like '%tree%' or data_type in ('json', 'jsonb')");
    const known = new Set([...NAMES_TREES, ...FOLLOWS_TREES, ...NO_TREES]);
    expect(found.filter((column) => !known.has(column))).toEqual([]);
    expect([...known].filter((column) => !found.includes(column)).sort()).toEqual([]);
  }));

test("what any column names stays for good; nothing else names a tree", () =>
  withDatabase(async ({ db, sql }) => {
    const ctx = systemContext(db);
    const member = await makeWorld(ctx);
    await fillByHand(sql, member);
    const unnamed = await makeTree(member, { "old.py": "" });

    const named = new Set<string>();
    for (const column of NAMES_TREES) {
      const ids = await treesIn(sql, column);
      expect({ column, holds: ids.length > 0 }).toEqual({ column, holds: true });
      for (const id of ids) named.add(id);
    }
    const texts = await columns(sql, "data_type in ('text', 'json', 'jsonb')");
    const others = new Set([...NAMES_TREES, ...FOLLOWS_TREES, "trees.id"]);
    for (const column of texts.filter((each) => !others.has(each)))
      expect({ column, trees: await treesIn(sql, column) }).toEqual({ column, trees: [] });

    ctx.clock.advance(365 * 86_400_000);
    await collectTrees(ctx, namedTrees());
    for (const id of named) expect((await findTree(db, id))?.id).toBe(id);
    expect(await findTree(db, unnamed)).toBeNull();
  }));
