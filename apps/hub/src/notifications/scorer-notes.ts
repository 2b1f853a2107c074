import type { CompetitionRow } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { SessionRow } from "../sessions/index.ts";
import type { Note } from "./note.ts";

const dayOf = (ctx: Context) => ctx.clock.now().toISOString().slice(0, 10);

/** An organizer hears of its program once a day, not once a submission; another program is another matter. */
export function scorerFailed(ctx: Context, session: SessionRow): Note {
  return {
    kind: "session.ended",
    teamId: session.outputTeamId ?? session.teamId,
    subject: `${session.codeTree}:${dayOf(ctx)}`,
    text: `Your contest's scorer failed on a submission (${session.name}): ${session.failure?.message ?? "without a message"} Its entrant lost nothing. Read the log, correct the program, then score again: podium competition rejudge.`,
  };
}

/** The same of a program that no node has taken until it was given up. */
export function scorerWaited(ctx: Context, session: SessionRow): Note {
  const text = `No node took your contest's scorer in time (${session.name}), and its submission was given up. Its entrant lost nothing. See what it needs: podium competition scoring. With a node that can run it, score again: podium competition rejudge.`;
  return { ...scorerFailed(ctx, session), subject: `${session.codeTree}:waited:${dayOf(ctx)}`, text };
}

/** The same of a program that no node could ever run: it has no session. */
export function scorerUnplaceable(ctx: Context, { id, name, teamId }: CompetitionRow): Note {
  return {
    kind: "session.ended",
    teamId,
    subject: `${id}:unplaceable:${dayOf(ctx)}`,
    text: `No node of this hub could ever run the scorer of your contest "${name}": a submission has failed for it, and so will all others. Their entrants lose nothing. Ask for less (memory_bytes of its scorer), leave out its image, or add a node that has what it asks for; then score again: podium competition rejudge ${name}.`,
  };
}
