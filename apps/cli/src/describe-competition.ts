import { printable, table } from "./output.ts";
import { formatTime } from "./quantities.ts";
import type { Competition } from "./types.ts";

/** A competition and its rounds, as `show` and `create` print it. */
export function describe(competition: Competition): string {
  const { name, title, organizer, metric, order, entrants, description, rounds } = competition;
  const better = order === "ascending" ? "lower is better" : "higher is better";
  const list = table(
    rounds,
    [
      { title: "ROUND", value: (round) => round.name },
      { title: "STATE", value: (round) => (round.paused_at === null ? round.state : "paused") },
      { title: "DATASET", value: (round) => round.dataset },
      { title: "OPENS", value: (round) => formatTime(round.opened_at ?? round.opens_at) },
      { title: "CLOSES", value: (round) => formatTime(round.closed_at ?? round.closes_at) },
      {
        title: "TAKES",
        value: ({ accepts, sample }) => [...accepts, ...(sample ? ["trials"] : [])].join(", "),
      },
      { title: "A DAY", value: (round) => round.per_day, right: true },
    ],
    "No rounds.",
  );
  const text = description.trim() === "" ? "" : `\n\n${printable(description.trim())}`;
  return `${name}: ${title}\nby ${organizer}; ${metric} (${better}); ${entrants} entrants${text}\n\n${list}`;
}
