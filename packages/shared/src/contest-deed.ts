import { findingTitle } from "./finding-title.ts";

interface Deed {
  action: string;
  round: string | null;
  entrant: string | null;
  details: Record<string, unknown>;
}
/** An instant, as its reader is shown times. */
type TimeText = (instant: string) => string;
interface Said extends Deed {
  timeText: TimeText;
  /** the round, as the object of a sentence */
  of: string;
  who: string;
}

const WORDS: Record<string, (said: Said) => string> = {
  edited: ({ details }) => `The contest was edited to version ${text(details["version"])}`,
  paused: ({ of }) => `${of} was paused`,
  resumed: (said) => `${said.of} goes on${closing(said)}`,
  extended: (said) => `${said.of} was extended${closing(said)}`,
  concluded: ({ of, details }) => `${of} ended${ending(details)}`,
  advanced: ({ of, details }) => `${survivors(details)} of ${of} entered the next round`,
  "advance undone": ({ of }) => `The advance from ${of} was taken back`,
  revealed: ({ of, details }) => `The final board of ${of} was revealed${fromRank(details)}`,
  banned: ({ who }) => `${who} was excluded`,
  unbanned: ({ who }) => `${who} was let in again`,
  withdrawn: ({ who }) => `${who} withdrew`,
  merged: ({ who, details }) => `${text(details["from"])} became part of ${text(details["into"]) || who}`,
  rejudging_started: ({ of, details }) =>
    `A rejudging of ${of} began: ${counted(details["submissions"], "submission")}${withOthers(details)}`,
  rejudging_cancelled: ({ of }) => `A rejudging of ${of} was dropped: nothing changed`,
  rejudged: ({ of, details }) => `${of} was judged anew${judged(details)}`,
  "finding dismissed": ({ details }) => `A finding was dismissed${found(details)}`,
  "finding upheld": ({ details }) => `A finding was upheld${found(details)}`,
  "leaderboard repaired": ({ of, details }) =>
    `The leaderboard of ${of} was other than its submissions give in ${counted(details["rows"], "row")}, and was made right`,
};

/** What was done to a contest, as a sentence without who did it. An action that is not known is shown as it is. */
export function deedOf(deed: Deed, timeText: TimeText): string {
  const said = {
    ...deed,
    timeText,
    of: deed.round === null ? "a round" : `"${deed.round}"`,
    who: deed.entrant ?? (text(deed.details["team"]) || "Somebody"),
  };
  const words = WORDS[deed.action]?.(said);
  if (words !== undefined) return words;
  const known = [deed.action.replaceAll("_", " "), deed.round, deed.entrant];
  return known.filter((each) => each !== null).join(" ");
}

const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

const counted = (value: unknown, one: string): string =>
  typeof value === "number" ? plural(value, one) : `some ${one}s`;

const survivors = (details: Deed["details"]): string => counted(details["survivors"], "survivor");

function closing({ details: { closes_at }, timeText }: Said): string {
  const at = typeof closes_at === "object" && closes_at !== null ? (closes_at as { after?: unknown }) : {};
  return typeof at.after === "string" ? `: it closes ${timeText(at.after)}` : "";
}

function ending(details: Deed["details"]): string {
  if (typeof details["survivors"] !== "number") return "";
  const advanced = details["advanced"] === true ? ", who entered the next round" : "";
  return ` with ${survivors(details)}${advanced}${details["revealed"] === true ? "; its final board was revealed" : ""}`;
}

const fromRank = ({ until_rank: rank }: Deed["details"]): string =>
  typeof rank === "number" ? ` from rank ${rank} down` : "";

function withOthers({ labels, scorer }: Deed["details"]): string {
  const others = [labels === true && "other labels", scorer === true && "another scoring program"].filter(
    Boolean,
  );
  return others.length === 0 ? "" : `, with ${others.join(" and ")}`;
}

function judged({ scored, failed }: Deed["details"]): string {
  if (typeof scored !== "number") return "";
  const without = typeof failed === "number" && failed > 0 ? `, ${failed} of them without a score now` : "";
  return `: ${plural(scored + (typeof failed === "number" ? failed : 0), "submission")}${without}`;
}

function found({ kind, entrants }: Deed["details"]): string {
  const who = Array.isArray(entrants)
    ? entrants.filter((each) => typeof each === "string").join(" and ")
    : "";
  const title = typeof kind === "string" ? findingTitle(kind) : "";
  return title === "" ? "" : `: ${title.toLowerCase()}${who && ` (${who})`}`;
}

const plural = (value: number, one: string): string =>
  `${value.toLocaleString()} ${value === 1 ? one : `${one}s`}`;
