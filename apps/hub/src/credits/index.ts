export { chargeCalls } from "./charge-calls.ts";
export { grantCredits } from "./grant.ts";
export { currentPrices } from "./prices.ts";
export { priceOf } from "./pricing.ts";
export { refundAttempt, refundSession } from "./refund.ts";
export { creditRoutes } from "./routes.ts";
export {
  type Metered,
  reserveSlice,
  reserveSlices,
  SLICE_MS,
  settleSlices,
  settleUsedSlices,
  shiftFirstSlice,
} from "./slices.ts";
export { balances, costOfSessions } from "./store.ts";
