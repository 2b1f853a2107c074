export { decide } from "./decide.ts";
export { nearest, refusalOf } from "./explain.ts";
export { type Outlook, outlookOf } from "./outlook.ts";
export { weightOf } from "./shape.ts";
export type { Needs, NodeSupply, Placement, Refusal, Running, Snapshot } from "./snapshot.ts";
