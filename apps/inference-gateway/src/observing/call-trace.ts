import {
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { ATTR_ERROR_TYPE, ATTR_HTTP_RESPONSE_STATUS_CODE } from "@opentelemetry/semantic-conventions";
import type { Call, RecordedTrace } from "../batching/call.ts";

/** What a batch was, once it is answered. Monotonic milliseconds. */
export interface AnsweredBatch {
  calls: readonly Call[];
  attemptId: string | null;
  model: string;
  sentAt: number;
  answeredAt: number;
}

/**
 * The trace of one request that is recorded: its own span, and below it those of its stages. Made only for requests that
 * were chosen at the door; for all others nothing of this exists.
 */
export class CallTrace implements RecordedTrace {
  /** @param epochMs what is to be added to monotonic milliseconds to get wall time */
  constructor(
    private readonly tracer: Tracer,
    private readonly span: Span,
    private readonly context: Context,
    private readonly epochMs: number,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  /** W3C Trace Context of the request's span, for those further on. */
  get traceparent(): string {
    const { traceId, spanId } = this.span.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  /** The request is answered. @param status as sent, 499: nobody received it @param at monotonic milliseconds */
  end(visit: { call: Call | null; bytesOut: number }, status: number, at: number) {
    const { span } = this;
    span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    if (visit.call) span.setAttribute("podium.model.version", visit.call.version);
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    if (status >= 400) span.setAttribute(ATTR_ERROR_TYPE, String(status));
    span.end(this.epochMs + at);
  }

  /**
   * Records the stages of a batch in which some calls are traced. The batch is one span, in the trace of the first such
   * call and linked to the requests of all; the others are linked to it.
   */
  static record(batch: AnsweredBatch) {
    const traces = batch.calls.flatMap(({ trace: own }) => (own instanceof CallTrace ? own : []));
    const [first, ...others] = traces;
    if (!first) return;
    for (const call of batch.calls) if (call.trace instanceof CallTrace) call.trace.#queued(call);
    const context = first.#batch(
      batch,
      traces.map((own) => own.span.spanContext()),
    );
    for (const other of others) other.span.addLink({ context });
  }

  #queued({ arrivedAt, sentAt }: Call) {
    this.#stage("queue", this.context, arrivedAt, sentAt);
  }

  #batch({ calls, attemptId, model, sentAt, answeredAt }: AnsweredBatch, all: SpanContext[]): SpanContext {
    const [{ heldMs = 0, computeMs = 0, version = 0 } = {}] = calls;
    const attributes: Attributes = {
      "podium.batch.size": calls.length,
      "podium.batch.held_ms": heldMs,
      "podium.model": model,
      "podium.model.version": version,
      ...(attemptId ? { "podium.attempt_id": attemptId } : {}),
    };
    const links = all.map((context) => ({ context }));
    const span = this.tracer.startSpan(
      "batch",
      { kind: SpanKind.CLIENT, startTime: this.epochMs + sentAt, attributes, links },
      this.context,
    );
    // Clocks of machines are not compared: half of the way counts as the way there.
    const way = Math.max(0, answeredAt - sentAt - heldMs - computeMs);
    const begun = sentAt + way / 2 + heldMs;
    this.#stage("compute", trace.setSpan(this.context, span), begun, begun + computeMs);
    span.end(this.epochMs + answeredAt);
    return span.spanContext();
  }

  #stage(name: string, parent: Context, from: number, to: number) {
    const { tracer, epochMs } = this;
    tracer.startSpan(name, { kind: SpanKind.INTERNAL, startTime: epochMs + from }, parent).end(epochMs + to);
  }
}
