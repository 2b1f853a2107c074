import type { EventOf, Id } from "@podium/shared";
import { findCompetition, findSubmission } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { NO_NODE_FITS, NO_NODE_TOOK_IT } from "../scoring/index.ts";
import { findSession } from "../sessions/index.ts";
import type { Note } from "./note.ts";
import { scorerFailed, scorerUnplaceable, scorerWaited } from "./scorer-notes.ts";
import { insertNotification } from "./store.ts";

type Worth = EventOf<
  | "session.ended"
  | "submission.scored"
  | "submission.failed"
  | "credits.exhausted"
  | "alert.raised"
  | "alert.cleared"
>;

type OfSubmission = Extract<Worth, { type: "submission.scored" | "submission.failed" }>;

/** What is told when an alert is raised, and when it is over. */
const ALERTS = {
  "session.stalled": { "alert.raised": "session.stalled", "alert.cleared": "session.active" },
  "session.idle_gpus": { "alert.raised": "session.idle_gpus", "alert.cleared": "session.busy_gpus" },
  "credits.low": { "alert.raised": "credits.low", "alert.cleared": "credits.enough" },
  "node.leak": { "alert.raised": "node.leak", "alert.cleared": "node.clear" },
} as const;

/** Tells teams what happened to their work, once per event's subject. */
export async function notify(ctx: Context, event: Worth): Promise<void> {
  const notes = await notesOf(ctx, event);
  if (notes.length === 0) return;
  await ctx.db.transaction(async (tx) => {
    for (const note of notes) await tell(ctx, tx, note);
  });
}

/** Writes a notification down, once per (kind, subject); mail and webhooks follow by the event. */
export async function tell(ctx: Context, tx: Tx, note: Note): Promise<void> {
  const id = ctx.ids.next("notification");
  if (!(await insertNotification(tx, { id, ...note, createdAt: ctx.clock.now() }))) return;
  const team_id = note.teamId as Id<"team"> | null;
  await emit(ctx, tx, { type: "notification.created", notification_id: id, team_id });
}

async function notesOf(ctx: Context, event: Worth): Promise<Note[]> {
  if (event.type === "submission.scored" || event.type === "submission.failed")
    return notesOfSubmission(ctx, event);
  const note = await noteOf(ctx, event);
  return note ? [note] : [];
}

async function noteOf(ctx: Context, event: Exclude<Worth, OfSubmission>): Promise<Note | null> {
  if (event.type === "alert.raised" || event.type === "alert.cleared") {
    const kind = ALERTS[event.alert][event.type];
    return { kind, teamId: event.team_id, subject: event.alert_id, text: event.text };
  }
  const { type: kind, team_id: teamId } = event;
  if (event.type === "credits.exhausted") {
    const day = ctx.clock.now().toISOString().slice(0, 10);
    return {
      kind,
      teamId,
      subject: `${teamId}:${day}`,
      text: "Your team's credit is used up: running sessions are asked for a checkpoint and stopped.",
    };
  }
  const session = await findSession(ctx.db, { id: event.session_id });
  if (session?.kind === "score" && session.stopReason === NO_NODE_TOOK_IT) return scorerWaited(ctx, session);
  if (session?.state !== "failed") return null;
  if (session.kind === "score") return scorerFailed(ctx, session);
  // Of one that predicts, the submission's own end is told.
  if (session.hidden || session.kind === "infer") return null;
  return {
    kind,
    teamId,
    subject: session.id,
    text: `${session.name} failed: ${session.failure?.message ?? "without a message"}`,
  };
}

/** Who rehearses a contest waits for every answer, and makes mistakes on purpose: that is told to nobody. */
async function notesOfSubmission(ctx: Context, event: OfSubmission): Promise<Note[]> {
  const submission = await findSubmission(ctx.db, { id: event.submission_id });
  const found = submission && (await findCompetition(ctx.db, { id: submission.competitionId }));
  if (!found || found.competition.rehearsal) return [];
  const { number, state, score, failure, refunded } = submission;
  const what = submission.trial ? "Trial run" : "Submission";
  const text =
    state === "scored"
      ? `${what} ${number} scored ${score}.`
      : `${what} ${number} failed: ${failure?.message ?? "without a message"}${refunded ? " It cost neither a try nor credit." : ""}`;
  const own: Note = { kind: event.type, teamId: event.team_id, subject: submission.id, text };
  return failure?.message === NO_NODE_FITS.message ? [own, scorerUnplaceable(ctx, found.competition)] : [own];
}
