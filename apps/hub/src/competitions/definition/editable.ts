import { type DefinitionChange, durationMs } from "@podium/shared";

type RoundState = "upcoming" | "open" | "closing" | "closed";

export interface EditedContest {
  now: Date;
  /** The rounds as they are, in order. */
  rounds: readonly { name: string; state: RoundState }[];
}

/** Says why a change is refused; null when it is fine. */
type Rule = (change: DefinitionChange, now: Date) => string | null;

const free: Rule = () => null;
const only =
  (fits: (before: unknown, after: unknown) => boolean, message: string): Rule =>
  ({ before, after }) =>
    fits(before, after) ? null : message;

const upward = only(
  (before, after) => after === undefined || Number(after) > Number(before),
  "may only be raised",
);
const longer = only((before, after) => isLonger(after, before), "may only become longer");
const shorter = only(
  (before, after) => after === undefined || (before !== undefined && isLonger(before, after)),
  "may only become shorter, or be left out",
);
const onlyTrue = only((_, after) => after === true, "may only be switched on");
const superset = only(
  (before, after) =>
    Array.isArray(before) && Array.isArray(after) && before.every((each) => after.includes(each)),
  "may only get further kinds",
);
const laterOrGone = only(
  (before, after) =>
    after === undefined || (before !== undefined && new Date(String(after)) > new Date(String(before))),
  "may only move to a later time, or be left out",
);
const toCome: Rule = ({ after }, now) =>
  after === undefined || new Date(String(after)) > now ? null : "must be a time that is still to come";
const isLonger = (one: unknown, other: unknown) =>
  one !== undefined && other !== undefined && durationMs(String(one)) > durationMs(String(other));

const JUDGED =
  "can't be changed once a round has opened: what was submitted is judged by it. Rejudging is for that (podium competition rejudge)";

/** Once a round has opened; what no rule names decides the ranks, and stays. The first that fits the path counts. */
const CONTEST: [path: RegExp, rule: Rule][] = [
  [/^(title|description|pages|terms|eligibility)(\.|$)/, free],
  [/^teams\.max_members$/, upward],
  [/^teams\.merges$/, onlyTrue],
  [/^teams\.locked_at$/, laterOrGone],
  [/^columns\.[^.]+\.(title|precision|hidden)$/, free],
  [/^scorer\.timeout$/, longer],
  [/^scorer\.memory_bytes$/, upward],
  [/^leaderboard\.(visible_to|history|intervals|reveal)$/, free],
  [/^advance$/, free],
  [/^failed_submissions\.refund$/, onlyTrue],
  [/^failed_submissions\.per_day$/, upward],
];

const OPEN_ROUND: [path: RegExp, rule: Rule][] = [
  [/^title$/, free],
  [/^closes_at$/, toCome],
  [/^freeze$/, shorter],
  [/^accepts$/, superset],
  [/^limits\.(per_day|total|pending|memory_bytes|credits|file_bytes)$/, upward],
  [/^limits\.infer_timeout$/, longer],
  [/^limits\.interval$/, shorter],
];

/**
 * Which changes the state of the contest forbids, each with why. Before the first round opens all may change but the
 * name; afterwards texts, and what gives entrants more: longer, higher, later. Rounds that are still to open are free.
 */
export function forbiddenChanges(
  changes: readonly DefinitionChange[],
  contest: EditedContest,
): { path: string; message: string }[] {
  return changes.flatMap((change) => {
    const message = refusal(change, contest);
    return message === null ? [] : [{ path: change.path, message }];
  });
}

function refusal(change: DefinitionChange, { now, rounds }: EditedContest): string | null {
  const { path } = change;
  if (path === "name") return "can't be changed: teams and programs know the competition by it";
  const opened = rounds.filter(({ state }) => state !== "upcoming");
  if (path === "rounds") {
    const names = Array.isArray(change.after) ? change.after : [];
    const stay = opened.every(({ name }, index) => names[index] === name);
    return stay
      ? null
      : `must begin with the rounds that have opened: ${opened.map(({ name }) => name).join(", ")}`;
  }
  const round = rounds.find(({ name }) => path === `rounds.${name}` || path.startsWith(`rounds.${name}.`));
  if (path.startsWith("rounds.")) {
    if (!round || round.state === "upcoming") return null;
    const rest = path.slice(`rounds.${round.name}.`.length);
    if (round.state !== "open") return rest === "title" ? null : "can't be changed: the round has closed";
    return ruleFor(OPEN_ROUND, rest, "can't be changed once the round has opened")(change, now);
  }
  return opened.length === 0 ? null : ruleFor(CONTEST, path, JUDGED)(change, now);
}

function ruleFor(rules: readonly [RegExp, Rule][], path: string, otherwise: string): Rule {
  return rules.find(([pattern]) => pattern.test(path))?.[1] ?? (() => otherwise);
}
