export { decide } from "./decide.ts";
export { nearest, refusalOf } from "./explain.ts";
export { partsHeld } from "./gang.ts";
export { outlookOf } from "./outlook.ts";
export { weightOf } from "./shape.ts";
export type { Needs, NodeSupply, Placement, Running, Snapshot } from "./snapshot.ts";
