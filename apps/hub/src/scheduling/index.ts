export { type Decision, decide, weightOf } from "./decide.ts";
export { explain } from "./explain.ts";
export { refusalOf } from "./fit.ts";
export type { NodeSupply, Pending, Placement, Refusal, Snapshot } from "./snapshot.ts";
