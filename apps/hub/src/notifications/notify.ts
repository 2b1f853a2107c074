import type { EventOf, Id, NotificationKind } from "@podium/shared";
import { findCompetition, findSubmission } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { NO_NODE_TOOK_IT } from "../scoring/index.ts";
import { findSession } from "../sessions/index.ts";
import { insertNotification } from "./store.ts";

export interface Note {
  kind: NotificationKind;
  subject: string;
  /** null: the administrators */
  teamId: string | null;
  text: string;
}

type Worth = EventOf<
  | "session.ended"
  | "submission.scored"
  | "submission.failed"
  | "credits.exhausted"
  | "alert.raised"
  | "alert.cleared"
>;

/** What is told when an alert is raised, and when it is over. */
const ALERTS = {
  "session.stalled": { "alert.raised": "session.stalled", "alert.cleared": "session.active" },
  "session.idle_gpus": { "alert.raised": "session.idle_gpus", "alert.cleared": "session.busy_gpus" },
  "credits.low": { "alert.raised": "credits.low", "alert.cleared": "credits.enough" },
  "node.leak": { "alert.raised": "node.leak", "alert.cleared": "node.clear" },
} as const;

/** Tells a team what happened to its work, once per event's subject. */
export async function notify(ctx: Context, event: Worth): Promise<void> {
  const note = await noteOf(ctx, event);
  if (!note) return;
  await ctx.db.transaction((tx) => tell(ctx, tx, note));
}

/** Writes a notification down, once per (kind, subject); mail and webhooks follow by the event. */
export async function tell(ctx: Context, tx: Tx, note: Note): Promise<void> {
  const id = ctx.ids.next("notification");
  if (!(await insertNotification(tx, { id, ...note, createdAt: ctx.clock.now() }))) return;
  const team_id = note.teamId as Id<"team"> | null;
  await emit(ctx, tx, { type: "notification.created", notification_id: id, team_id });
}

/** An organizer hears of its program once a day, not once a submission; another program is another matter. */
function scorerFailed(ctx: Context, session: NonNullable<Awaited<ReturnType<typeof findSession>>>): Note {
  const day = ctx.clock.now().toISOString().slice(0, 10);
  return {
    kind: "session.ended",
    teamId: session.outputTeamId ?? session.teamId,
    subject: `${session.codeTree}:${day}`,
    text: `Your contest's scorer failed on a submission (${session.name}): ${session.failure?.message ?? "without a message"} Its entrant lost nothing. Read the log, correct the program, then score again: podium competition rejudge.`,
  };
}

/** The same of a program that no node has taken until it was given up. */
function scorerWaited(ctx: Context, session: NonNullable<Awaited<ReturnType<typeof findSession>>>): Note {
  const text = `No node took your contest's scorer in time (${session.name}), and its submission was given up. Its entrant lost nothing. See what it needs: podium competition scoring. With a node that can run it, score again: podium competition rejudge.`;
  return {
    ...scorerFailed(ctx, session),
    subject: `${session.codeTree}:waited:${ctx.clock.now().toISOString().slice(0, 10)}`,
    text,
  };
}

/** Who rehearses a contest waits for every answer, and makes mistakes on purpose. */
async function isRehearsal(ctx: Context, { competitionId }: { competitionId: string }): Promise<boolean> {
  return (await findCompetition(ctx.db, { id: competitionId }))?.competition.rehearsal === true;
}

async function noteOf(ctx: Context, event: Worth): Promise<Note | null> {
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
  if (event.type === "session.ended") {
    const session = await findSession(ctx.db, { id: event.session_id });
    if (session?.kind === "score" && session.stopReason === NO_NODE_TOOK_IT)
      return scorerWaited(ctx, session);
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
  const submission = await findSubmission(ctx.db, { id: event.submission_id });
  if (!submission || (await isRehearsal(ctx, submission))) return null;
  const what = submission.trial ? "Trial run" : "Submission";
  const text =
    submission.state === "scored"
      ? `${what} ${submission.number} scored ${submission.score}.`
      : `${what} ${submission.number} failed: ${submission.failure?.message ?? "without a message"}${submission.refunded ? " It cost neither a try nor credit." : ""}`;
  return { kind, teamId, subject: submission.id, text };
}
