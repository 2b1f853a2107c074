import type { BodyMemory } from "../admission/body-memory.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Routes } from "../routing/routes.ts";
import type { Shadows } from "../shadow/shadows.ts";

/** What answering needs from the rest of the gateway. */
export interface Desk {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: BodyMemory;
  readonly shadows: Shadows;
  /** true once the gateway is asked to stop: it still answers, but each answer ends its connection */
  draining: boolean;
  /** true once the gateway stops: nothing new is taken */
  stopping: boolean;
  /** calls admitted and not yet answered */
  open: number;
  /** lets the connection of this request stay silent for as long as its answer takes */
  keepOpen(request: Request): void;
  /** null unless accesses are logged: at debug, never with a body */
  readonly logAccess: ((endpoint: string, status: number, ms: number) => void) | null;
}
