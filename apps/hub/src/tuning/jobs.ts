import { on } from "../platform/subscribers.ts";
import { collectTrial } from "./collect.ts";

export const tuningJobs = [
  on(["session.ended"], "tuning.collect-trial", (ctx, event) => collectTrial(ctx, event.session_id)),
];
