import type { CompetitionDefinition, Leaderboard } from "@podium/shared";
import { eq } from "drizzle-orm";
import { listChanges } from "../competitions/history/store.ts";
import { closeRound } from "../competitions/rounds/close-round.ts";
import { competitions, entrants, rounds, submissions } from "../competitions/schema.ts";
import { findEntrant, type SubmissionRow } from "../competitions/store.ts";
import { Boards } from "../leaderboards/boards.ts";
import { conclude } from "../leaderboards/conclude.ts";
import { followEntrant } from "../leaderboards/follow-entrant.ts";
import { type BoardQuery, readBoard } from "../leaderboards/read.ts";
import { recomputedBoard } from "../leaderboards/recompute.ts";
import { leaderboardRows } from "../leaderboards/schema.ts";
import { updateStanding } from "../leaderboards/update.ts";
import { scores } from "../scoring/schema.ts";
import type { TestContext } from "./context.ts";
import { type Member, makeCompetition, makeEntrant } from "./factories.ts";
import { score, submitFile } from "./submissions.ts";

/** What a hub keeps of boards in memory: one for all tests of a file, as one hub serves many contests. */
const boards = new Boards();

/** A round's board as somebody sees it, all of it. */
export function boardFor(
  viewer: TestContext,
  name: string,
  query: Partial<BoardQuery> & { round?: string } = {},
) {
  const { round = "round-1", ...rest } = query;
  return readBoard(viewer, boards, name, round, { limit: 200, ...rest });
}

/** The organizer's board, without what nobody can recompute: whose it is. */
export async function storedBoard(
  organizer: Member,
  name: string,
  board?: "public" | "private",
): Promise<Leaderboard> {
  return { ...(await boardFor(organizer, name, { board })), own: [] };
}

/** The same worked out from submissions alone. */
export function recomputed(organizer: Member, name: string, board?: "public" | "private") {
  return recomputedBoard(organizer, name, "round-1", { board });
}

/** Changes what is stored of a submission, as scorers and entrants do. */
export async function setSubmission(
  ctx: TestContext,
  id: string,
  set: Partial<typeof submissions.$inferInsert>,
): Promise<void> {
  await ctx.db.update(submissions).set(set).where(eq(submissions.id, id));
}

/** Bans an entrant, or lets it in again, and says so to the boards. */
export async function setEntrant(
  ctx: TestContext,
  name: string,
  { team }: Member,
  state: "active" | "banned" | "withdrawn" | "merged",
): Promise<void> {
  const [competition] = await ctx.db.select().from(competitions).where(eq(competitions.name, name));
  const entrant = await findEntrant(ctx.db, competition?.id ?? "", team.id);
  if (!entrant) throw new Error("takes no part");
  await ctx.db.update(entrants).set({ state }).where(eq(entrants.id, entrant.id));
  await followEntrant(ctx, entrant.id);
}

/** Changes what is stored of a round, such as its closing time. */
export async function setRound(
  ctx: TestContext,
  id: string,
  set: Partial<typeof rounds.$inferInsert>,
): Promise<void> {
  await ctx.db.update(rounds).set(set).where(eq(rounds.id, id));
}

/** Changes a contest's definition, as its editor does. */
export async function setDefinition(
  ctx: TestContext,
  name: string,
  change: Partial<CompetitionDefinition>,
): Promise<string> {
  const [row] = await ctx.db.select().from(competitions).where(eq(competitions.name, name));
  if (!row) throw new Error("there is no such contest");
  const definition = { ...row.definition, ...change };
  await ctx.db.update(competitions).set({ definition }).where(eq(competitions.id, row.id));
  return row.id;
}

/** A row of a board that says something else than its submissions, as a fault would leave it. */
export async function spoilRow(ctx: TestContext, roundId: string, score: number): Promise<void> {
  await ctx.db.update(leaderboardRows).set({ score }).where(eq(leaderboardRows.roundId, roundId));
}

/** An open contest in which each entrant has the score of its place here; the boards have heard of all. */
export async function makeScored(
  ctx: TestContext,
  scores: readonly number[],
  contest: Parameters<typeof makeCompetition>[1] = {},
) {
  const { name, organizer } = await makeCompetition(ctx, contest);
  const members: Member[] = [];
  const made: SubmissionRow[] = [];
  for (const value of scores) {
    ctx.clock.advance(1000);
    const member = await makeEntrant(ctx, name);
    const submission = await submitFile(member, name);
    await score(ctx, submission, value);
    await updateStanding(ctx, submission.id);
    members.push(member);
    made.push(submission);
  }
  const roundId = made[0]?.roundId ?? "";
  return {
    name,
    organizer,
    members,
    made,
    roundId,
    competitionId: made[0]?.competitionId ?? "",
    path: `/competitions/${name}/rounds/round-1`,
    /** places in `scores`, as a board lists them */
    places: (rows: readonly { entrant: string }[]) =>
      rows.map(({ entrant }) => members.findIndex(({ team }) => team.slug === entrant)),
    /** Closes the round and ends it. */
    async close() {
      await ctx.db.transaction((tx) => closeRound(ctx, tx, roundId));
      await conclude(ctx, roundId);
    },
  };
}

/** What was written last into a contest's history. */
export async function newestChange(ctx: TestContext, competitionId: string) {
  const [newest] = await listChanges(ctx.db, competitionId, 1, undefined);
  return newest?.change;
}

/** A score of the submission whose predictions have this sketch. */
export async function giveSketch(ctx: TestContext, submissionId: string, sketch: string): Promise<void> {
  await ctx.db.insert(scores).values({
    id: ctx.ids.next("score"),
    submissionId,
    scorerVersion: "test",
    score: 1,
    sketch,
    rows: 4,
    createdAt: ctx.clock.now(),
  });
}
