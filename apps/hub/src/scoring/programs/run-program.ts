import { DomainError, durationMs, type Id, resourcesSchema } from "@podium/shared";
import type { CompetitionRow, SubmissionFault } from "../../competitions/index.ts";
import { findTree } from "../../data/index.ts";
import { asSystem, type Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import {
  enqueueSession,
  findEnvironment,
  findSession,
  isEnded,
  type SessionRow,
} from "../../sessions/index.ts";
import { findTeam } from "../../teams/index.ts";
import { columnsByKind } from "../columns-by-kind.ts";
import { dataEntry } from "../data-file.ts";
import type { Judging } from "../judging.ts";
import { DRIVER, nsmlLabels, sendDriver, withDriver } from "./program-files.ts";

/** An entrant waits for a live submission's score; for a rejudging's nobody does. */
export const LIVE_PRIORITY = 10;
export const REJUDGING_PRIORITY = -10;

/** In a split round a program may give a value of the private rows under its name with this before it. */
export const PRIVATE = "private_";
/** Where the driver reports values in a session's summary. */
const REPORTED = "score/";
const PREDICTIONS = "predictions";
const CPU_MILLI = 1000;

export interface ProgramRun {
  competition: CompetitionRow;
  judging: Judging;
  predictionsTree: string;
  /** Unique cause: the session is made once however often this is asked for. */
  origin: string;
  memo: string;
  priority: number;
  /** Its place in the line of live submissions, so that no entrant's many hold up another's one; default: none. */
  turn?: number;
}

/**
 * Has the organizer's program look at a submission: in a session of the organizer's team, which pays for it, without
 * network, with labels and predictions and no code of an entrant. Its log is the organizer's.
 * @returns its session, queued now or before
 * @throws DomainError `no_node_fits`, `invalid_bundle` without a program
 */
export async function runProgram(ctx: Context, run: ProgramRun): Promise<SessionRow> {
  const { competition, judging, origin } = run;
  const { scorer } = judging.definition;
  if (!scorer || !judging.scorerTree)
    throw new DomainError(
      "invalid_bundle",
      "The contest has columns of its own scorer, and none was pushed.",
    );
  const known = await findSession(ctx.db, { origin });
  if (known) return known;
  const driver = await sendDriver(ctx, competition.teamId);
  const resources = resourcesSchema.parse({ cpu_milli: CPU_MILLI, memory_bytes: scorer.memory_bytes });
  const program = judging.scorerTree;
  return ctx.db.transaction(async (tx) => {
    const team = await findTeam(tx, { id: competition.teamId });
    if (!team) throw new Error(`The team of competition ${competition.id} is gone.`);
    const { id: codeTree } = await withDriver(ctx, tx, team.id, program, driver);
    const mounts = await mountsOf(ctx, tx, run, team.id);
    return enqueueSession(asSystem(ctx), tx, {
      team: { id: team.id as Id<"team">, slug: team.slug },
      kind: "score",
      ...(await findEnvironment(ctx, tx, { codeTree, image: scorer.image, resources })),
      codeTree,
      entrypoint: DRIVER,
      args: [JSON.stringify({ convention: scorer.convention, ...mounts.task, ...wantedOf(judging) })],
      memo: run.memo,
      datasets: mounts.datasets,
      resources,
      timeoutMs: durationMs(scorer.timeout),
      priority: run.priority,
      ...(run.turn !== undefined && { turn: run.turn }),
      origin,
      // Nobody enters it, and only the organizer sees it.
      hidden: { outputTeamId: team.id },
    });
  });
}

async function mountsOf(ctx: Context, tx: Tx, run: ProgramRun, teamId: string) {
  const { judging, competition, predictionsTree } = run;
  const name = `${competition.name}-${judging.round.name}`;
  const predictions = await findTree(tx, predictionsTree);
  const given = await findTree(tx, judging.labelsTree);
  if (!predictions || !given) throw new Error(`Trees of ${run.origin} are gone.`);
  const labels =
    judging.definition.scorer?.convention === "nsml"
      ? await nsmlLabels(ctx, tx, teamId, given.id)
      : { ...given, file: (await dataEntry(tx, given.id)).path };
  return {
    datasets: [
      { name, tree_id: labels.id, size_bytes: labels.size },
      { name: PREDICTIONS, tree_id: predictions.id, size_bytes: predictions.size },
    ],
    task: {
      labels: { dataset: name, file: labels.file },
      predictions: { dataset: PREDICTIONS, file: (await dataEntry(tx, predictions.id)).path },
    },
  };
}

function wantedOf({ definition, split }: Judging) {
  const wanted = [...new Set(columnsByKind(definition).custom.map(({ value }) => value))];
  return { wanted, optional: split ? wanted.map((value) => `${PRIVATE}${value}`) : [] };
}

/** The program ran into a fault of its own, or its session did. */
export class ProgramFailed extends Error {
  override readonly name = "ProgramFailed";
}

/**
 * What a program that has ended said, by what it calls it; null while it runs or waits.
 * @throws ProgramFailed
 */
export function programValues(session: SessionRow): Record<string, number> | null {
  if (!isEnded(session.state)) return null;
  if (session.state !== "succeeded")
    throw new ProgramFailed(`Session ${session.id} ended as ${session.state}.`);
  return Object.fromEntries(
    Object.entries(session.summary).flatMap(([name, value]) =>
      name.startsWith(REPORTED) ? [[name.slice(REPORTED.length), value]] : [],
    ),
  );
}

/** What its entrant is told: why it failed could say what the labels are, so that the organizer alone hears it. */
export const PROGRAM_FAILED: SubmissionFault = {
  code: "scorer_failed",
  message:
    "The organizer's scorer failed on it. It cost you nothing, and the organizer was told. Look at your file, then submit again.",
  platform: true,
};

/** No node that the hub knows could ever run the program: nothing waits for what may never come. */
export const NO_NODE_FITS: SubmissionFault = {
  ...PROGRAM_FAILED,
  message:
    "No node of this hub can run the organizer's scorer. It cost you nothing and is no try. Tell the organizer; it is scored when the organizer scores the round again.",
};
