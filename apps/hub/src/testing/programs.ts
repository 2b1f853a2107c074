import type { CompetitionDefinition, Id } from "@podium/shared";
import { eq } from "drizzle-orm";
import { listChanges } from "../competitions/history/store.ts";
import { competitions, type rounds } from "../competitions/schema.ts";
import { findCompetition, findRound, updateRound } from "../competitions/store.ts";
import { rejudgedSubmissions } from "../scoring/schema.ts";
import { storeRecords } from "../tracking/store-records.ts";
import { as, type TestContext } from "./context.ts";
import { ENDED, place, reload, report } from "./factories.ts";

/** What the node of a waiting session of kind `score` does when the organizer's program has given these values. */
export async function finishProgram(
  ctx: TestContext,
  session: { id: string },
  values: Record<string, number>,
): Promise<void> {
  await place(ctx);
  await report(ctx, session, { state: "running" });
  const { nodeId, attemptId, epoch } = await reload(ctx, session);
  const node = as(ctx, { kind: "node", nodeId: nodeId as Id<"node"> });
  const at = ctx.clock.now().toISOString();
  const record = { type: "metric" as const, seq: 1, at, step: 1, values, summary: true };
  await storeRecords(node, attemptId ?? "", epoch, [record]);
  await report(ctx, session, { ...ENDED, final_seq: 1, ended_at: at });
}

/** Changes what a contest's first round is scored with, as its organizer's edits do. */
export async function setJudging(
  ctx: TestContext,
  name: string,
  set: Partial<
    Pick<typeof rounds.$inferInsert, "labelsTree" | "sampleLabelsTree" | "scorerTree" | "revealedAt">
  >,
): Promise<void> {
  const found = await findCompetition(ctx.db, { name });
  const round = found
    ? await findRound(ctx.db, { competitionId: found.competition.id, name: "round-1" })
    : null;
  if (!round) throw new Error("there is no such round");
  await ctx.db.transaction((tx) => updateRound(tx, round.id, set));
}

/** Changes a contest's columns, as its editor does. */
export async function setColumns(
  ctx: TestContext,
  name: string,
  change: Partial<Pick<CompetitionDefinition, "metric" | "columns">>,
): Promise<void> {
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new Error("there is no such contest");
  const definition = { ...found.competition.definition, ...change };
  await ctx.db.update(competitions).set({ definition }).where(eq(competitions.name, name));
}

/** A contest's history, newest first. */
export async function historyOf(ctx: TestContext, competitionId: string) {
  return (await listChanges(ctx.db, competitionId, 20, undefined)).map(({ change }) => change);
}

/** What all rejudgings have made of submissions so far. */
export function rejudged(ctx: TestContext) {
  return ctx.db.select().from(rejudgedSubmissions);
}
