import type { Session } from "../../api/types.ts";

export interface SessionFilter {
  state?: Session["state"];
  kind?: Session["kind"];
  team?: string;
  name?: string;
}

export const STATES: readonly Session["state"][] = [
  "queued",
  "placing",
  "preparing",
  "running",
  "stopping",
  "paused",
  "retrying",
  "succeeded",
  "failed",
  "stopped",
];
export const KINDS: readonly Session["kind"][] = ["train", "infer", "serve", "score"];

/** The filter that an address names; states and kinds that don't exist are left out. */
export function readFilter(query: URLSearchParams): SessionFilter {
  const state = STATES.find((one) => one === query.get("state"));
  const kind = KINDS.find((one) => one === query.get("kind"));
  const team = query.get("team");
  const name = query.get("name");
  return { ...(state && { state }), ...(kind && { kind }), ...(team && { team }), ...(name && { name }) };
}
