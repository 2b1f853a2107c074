import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Routes } from "../routing/routes.ts";
import type { HeldJobs } from "./held/held-jobs.ts";

/** What answering needs from the rest of the gateway. */
export interface Desk {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
  /** true once the gateway stops: nothing new is taken */
  stopping: boolean;
  /** calls admitted and not yet answered */
  open: number;
  /** lets the connection of this request stay silent for as long as its answer takes */
  keepOpen(request: Request): void;
  /** where calls go on whose callers don't wait any longer */
  readonly jobs: HeldJobs;
  /** null unless accesses are logged: at debug, never with a body */
  readonly logAccess: ((endpoint: string, status: number, ms: number) => void) | null;
}
