import type { BodyMemory } from "../admission/body-memory.ts";
import type { Clock } from "../clock.ts";
import type { JobDesk } from "../jobs/job-desk.ts";
import type { Fleet } from "../limits/fleet.ts";
import type { Log } from "../log.ts";
import type { Watch } from "../observing/watch.ts";
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
  readonly fleet: Fleet;
  readonly jobs: JobDesk;
  /** true once the gateway stops: nothing new is taken */
  stopping: boolean;
  /** calls admitted and not yet answered */
  open: number;
  /** answers a request as if it had come by the network */
  serve(request: Request): Response | Promise<Response>;
  /** lets the connection of this request stay silent for as long as its answer takes */
  keepOpen(request: Request): void;
  /** where a request comes from, with the proxies that are trusted seen through */
  addressOf(request: Request): string;
  /** counts, logs and traces what is answered */
  readonly watch: Watch;
}
