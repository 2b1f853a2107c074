import type { EventOf } from "@podium/shared";
import { findChange, findMergeById } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { Note } from "./note.ts";
import { tell } from "./notify.ts";

type OfContest = EventOf<"entrant.judged" | "merge.changed" | "leaderboard.repaired">;

/** Tells teams, once each, what was decided over them in a contest, and who answers for a board that it was wrong. */
export async function tellOfContest(ctx: Context, event: OfContest): Promise<void> {
  const notes = await notesOf(ctx, event);
  if (notes.length > 0)
    await ctx.db.transaction(async (tx) => {
      for (const note of notes) await tell(ctx, tx, note);
    });
}

function notesOf(ctx: Context, event: OfContest): Promise<Note[]> {
  if (event.type === "entrant.judged") return ofJudged(ctx, event);
  return event.type === "merge.changed" ? ofMerge(ctx, event) : ofRepaired(ctx, event);
}

async function ofJudged(ctx: Context, event: EventOf<"entrant.judged">): Promise<Note[]> {
  const found = await findChange(ctx.db, event.change_id);
  if (!found) return [];
  const { change, competition } = found;
  const team = String(change.details["team"] ?? "Your team");
  const why = change.reason === null ? "" : ` The organizer's reason: ${change.reason}`;
  const text =
    change.action === "banned"
      ? `"${team}" was excluded from "${competition}": it is on no board, and what it had under way was stopped.${why}`
      : `"${team}" takes part in "${competition}" again.${why}`;
  return [{ kind: "entrant.judged", subject: change.id, teamId: event.team_id, text }];
}

/** By what has become of it by now: one that was answered at once is not told as proposed. */
async function ofMerge(ctx: Context, { merge_id }: EventOf<"merge.changed">): Promise<Note[]> {
  const found = await findMergeById(ctx.db, merge_id);
  if (!found) return [];
  const { merge, from, into, fromTeamId, intoTeamId, competition } = found;
  const page = `${ctx.settings.publicUrl}/competitions/${competition}/entrants`;
  const note = (kind: Note["kind"], teamId: string, text: string) => [
    { kind, subject: merge.id, teamId, text },
  ];
  switch (merge.state) {
    case "proposed":
      return note(
        "merge.proposed",
        intoTeamId,
        `"${from}" proposes to become part of "${into}" in "${competition}": its people would join you and its submissions become yours. Accept or refuse it at ${page}`,
      );
    case "done":
      return note(
        "merge.answered",
        fromTeamId,
        `"${into}" has accepted: "${from}" is part of it in "${competition}" now. Submit as "${into}" from here on.`,
      );
    case "refused":
      return note(
        "merge.answered",
        fromTeamId,
        `"${into}" has refused to become one with "${from}" in "${competition}". Both go on as they were.`,
      );
    case "withdrawn":
      if (found.intoState === "merged")
        return note(
          "merge.answered",
          fromTeamId,
          `"${into}" has become part of another team in "${competition}", so what you proposed to it has come to nothing.`,
        );
      return note(
        "merge.answered",
        intoTeamId,
        `"${from}" no longer proposes to become part of "${into}" in "${competition}". There is nothing to answer.`,
      );
  }
}

async function ofRepaired(ctx: Context, event: EventOf<"leaderboard.repaired">): Promise<Note[]> {
  const found = await findChange(ctx.db, event.change_id);
  if (!found) return [];
  const { change, competition, round } = found;
  const rows = Number(change.details["rows"]);
  const text = `The leaderboard of "${competition}", ${round}, was other than its submissions give in ${rows} ${rows === 1 ? "row" : "rows"}. They were made right at once; podium competition history ${competition} has what stood there and what is right.`;
  const kind = "leaderboard.wrong" as const;
  const cause = " Its cause is a fault of Podium's or of who wrote to its database: the hub's log has it.";
  return [
    { kind, subject: change.id, teamId: event.team_id, text },
    // Once per subject, so the administrators' has one of its own.
    { kind, subject: `${change.id}:administrators`, teamId: null, text: text + cause },
  ];
}
