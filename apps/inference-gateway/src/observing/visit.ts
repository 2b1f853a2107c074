import type { Pass } from "../admission/pass.ts";
import type { Binding } from "../batching/binding.ts";
import type { Call } from "../batching/call.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import type { CallTrace } from "./call-trace.ts";

/** One request to an endpoint from its first to its last moment, for those who look on. */
export class Visit {
  /** null until it is let in */
  pass: Pass | null = null;
  binding: Binding | null = null;
  call: Call | null = null;
  /** of the body that is sent back; of a stream, so far */
  bytesOut = 0;

  /** @param startedAt monotonic milliseconds @param trace null: it is not recorded */
  constructor(
    readonly id: string,
    readonly request: Request,
    readonly endpoint: Endpoint,
    readonly startedAt: number,
    readonly trace: CallTrace | null,
  ) {}

  /** Its work is before the model. */
  submitted(call: Call) {
    this.call = call;
    call.trace = this.trace;
  }
}
