import { gangsAreWhole } from "./gangs-are-whole.ts";
import type { Invariant } from "./invariant.ts";
import { ledgerAddsUp } from "./ledger-adds-up.ts";
import { oneDeviceOneAttempt } from "./one-device-one-attempt.ts";
import { recordsSurvive } from "./records-survive.ts";
import { staleChangesNothing } from "./stale-changes-nothing.ts";
import { submissionsEndOnce } from "./submissions-end-once.ts";

/** Checked after every step of a simulation. */
export const INVARIANTS: readonly Invariant[] = [
  oneDeviceOneAttempt,
  staleChangesNothing,
  submissionsEndOnce,
  ledgerAddsUp,
  recordsSurvive,
  gangsAreWhole,
];
