export { decide, weightOf } from "./decide.ts";
export { explain } from "./explain.ts";
export { refusalOf } from "./fit.ts";
export type { Needs, Placement, Refusal, Snapshot } from "./snapshot.ts";
