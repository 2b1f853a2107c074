import type { Context } from "../../platform/context.ts";
import type { Bounds } from "./store.ts";

const HOUR_MS = 3_600_000;
/** Beyond its own time limit: to fetch what it reads, build its environment, and be tried again after a node's fault. */
const SLACK_MS = HOUR_MS;

/** Why a program's session was stopped that no node had taken within its bound. */
export const NO_NODE_TOOK_IT = "no node took it in time";

/**
 * How long the scoring of a submission by its organizer's program may take (invariant 3): `inferWaitMs` until a node
 * runs it; what runs then has its own time limit and `SLACK_MS`, whatever its node says or does not say.
 */
export function boundsOf({ clock, settings }: Pick<Context, "clock" | "settings">): Bounds {
  return { now: clock.now(), waitMs: settings.inferWaitMs, slackMs: SLACK_MS };
}

/** The first of these bounds, in words for people. */
export const waitInWords = ({ settings }: Pick<Context, "settings">): string =>
  `${Math.round(settings.inferWaitMs / HOUR_MS)} hours`;
