import { ERROR_CLASSES, errorClassOf } from "@podium/shared";
import type { Call } from "../batching/call.ts";
import { DurationHistogram } from "./duration-histogram.ts";

/**
 * What has happened at one model version since the gateway started, or at an endpoint before a version was chosen.
 * Only ever grows, so that Prometheus and the minutes' figures are both read off it: a request pays once.
 */
export class Tally {
  /** answers of any kind */
  calls = 0;
  /** of `ERROR_CLASSES`, in their order */
  readonly errors = new Float64Array(ERROR_CLASSES.length);
  /** from request to answer; this and what follows of requests answered with 200 */
  readonly latency = new DurationHistogram();
  readonly queue = new DurationHistogram();
  readonly batch = new DurationHistogram();
  readonly transport = new DurationHistogram();
  readonly compute = new DurationHistogram();

  succeeded(ms: number, call: Call) {
    this.calls += 1;
    this.latency.observe(ms);
    this.queue.observe(call.queueMs);
    this.batch.observe(call.heldMs);
    this.transport.observe(call.transportMs);
    this.compute.observe(call.computeMs);
  }

  failed(status: number) {
    const index = ERROR_CLASSES.indexOf(errorClassOf(status));
    this.calls += 1;
    this.errors[index] = (this.errors[index] ?? 0) + 1;
  }
}
