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
      { title: "PUBLIC ROWS", value: (round) => publicRows(round) },
    ],
    "No rounds.",
  );
  const text = description.trim() === "" ? "" : `\n\n${printable(description.trim())}`;
  const head = `${name}: ${title}\nby ${organizer}; ${metric} (${better}); ${entrants} entrants`;
  return `${[head, ...rulesOf(competition)].join("\n")}${text}\n\n${list}${commitmentsOf(competition)}`;
}

/** What ranks beside the score, and what has to be agreed to; nothing where the contest has none. */
function rulesOf({ name, columns, tie_breaks, terms }: Competition): string[] {
  const shown = columns.map(({ key, title, order }) => {
    const better = order === "ascending" ? "lower" : "higher";
    return `${title === key ? key : `${key} (${printable(title)})`}, ${better} is better`;
  });
  return [
    ...(shown.length > 0 ? [`further columns: ${shown.join("; ")}`] : []),
    ...(tie_breaks.length > 0 ? [`equal scores are parted by: ${tie_breaks.join(", then ")}`] : []),
    ...(terms ? [`terms to agree to: podium competition terms ${name}`] : []),
  ];
}

function publicRows({ split }: Competition["rounds"][number]): string {
  if (split === null) return "all";
  return split.share === null ? "some, by the labels" : `${Number((split.share * 100).toPrecision(3))} %`;
}

/** What was published of labels and scorer when a round opened, for whoever wants to check it after the reveal. */
function commitmentsOf({ name, rounds }: Competition): string {
  const lines = rounds.flatMap(({ name: round, commitment }) =>
    commitment === null ? [] : [`${round}: ${commitment}`],
  );
  if (lines.length === 0) return "";
  return `\n\nHashes over labels and scorer, published at the opening; once a round is revealed: podium competition verify ${name}\n${lines.join("\n")}`;
}
