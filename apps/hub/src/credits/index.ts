export { chargeCalls } from "./charge-calls.ts";
export { holdCredits } from "./hold.ts";
export { currentPrices } from "./prices.ts";
export { refundSession } from "./refund.ts";
export { creditRoutes } from "./routes.ts";
export { settleHold } from "./settle.ts";
export { type Metered, reserveSlice, SLICE_MS, settleSlices, shiftFirstSlice } from "./slices.ts";
