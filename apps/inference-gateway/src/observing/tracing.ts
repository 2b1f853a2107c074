import {
  type Attributes,
  type Context,
  createTraceState,
  diag,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_SERVICE_NAME,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
} from "@opentelemetry/semantic-conventions";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { CallTrace } from "./call-trace.ts";
import { routeOf } from "./route-of.ts";

const LAST_WORDS_MS = 2_000;

export interface TracingSettings {
  /** where spans are sent by OTLP over HTTP */
  url: string;
  protocol: "http/protobuf" | "http/json";
  headers: Record<string, string>;
  serviceName: string;
  resource: Record<string, string>;
  /** a caller's own decision is followed */
  followsCaller: boolean;
  /** share of the other requests that is recorded, 0…1 */
  ratio: number;
}

/** OpenTelemetry traces of requests, sent to a collector. Loaded only where one is configured. */
export class Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor(
    private readonly settings: TracingSettings,
    instance: string,
    private readonly clock: Clock,
    private readonly random: () => number,
    log: Log,
  ) {
    tellProblems(log);
    const { url, headers, protocol, serviceName, resource } = settings;
    const Exporter = protocol === "http/json" ? JsonExporter : ProtobufExporter;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        [ATTR_SERVICE_NAME]: serviceName,
        "service.instance.id": instance,
        ...resource,
      }),
      // Decided at the door already, where a request that is not recorded costs nothing.
      sampler: new AlwaysOnSampler(),
      spanProcessors: [new BatchSpanProcessor({ exporter: new Exporter({ url, headers }) })],
    });
    this.#tracer = this.#provider.getTracer("podium.inference-gateway");
  }

  /** The trace of a request; null when it is not recorded. @param now monotonic milliseconds */
  begin(request: Request, endpoint: string, requestId: string, now: number): CallTrace | null {
    const { followsCaller, ratio } = this.settings;
    const header = request.headers.get("traceparent");
    const caller = header === null ? null : parseTraceParent(header);
    const sampled =
      caller && followsCaller ? (caller.traceFlags & TraceFlags.SAMPLED) !== 0 : this.random() < ratio;
    if (!sampled) return null;
    const parent = caller ? continued(caller, request.headers.get("tracestate")) : ROOT_CONTEXT;
    const epochMs = this.clock.now().getTime() - now;
    const attributes = attributesOf(request);
    attributes["podium.endpoint"] = endpoint;
    attributes["podium.request_id"] = requestId;
    const name = `${request.method} ${attributes[ATTR_HTTP_ROUTE]}`;
    const options = { kind: SpanKind.SERVER, startTime: epochMs + now, attributes };
    const span = this.#tracer.startSpan(name, options, parent);
    return new CallTrace(this.#tracer, span, trace.setSpan(parent, span), epochMs);
  }

  /** Sends what is left, for a short while: nobody waits for traces. */
  async stop() {
    const sent = this.#provider.shutdown().catch(() => {});
    await Promise.race([sent, Bun.sleep(LAST_WORDS_MS)]);
  }
}

function continued(caller: SpanContext, state: string | null): Context {
  const traceState = state === null ? {} : { traceState: createTraceState(state) };
  return trace.setSpanContext(ROOT_CONTEXT, { ...caller, ...traceState, isRemote: true });
}

function attributesOf(request: Request): Attributes {
  const { protocol, hostname, port, pathname } = new URL(request.url);
  const scheme = protocol.slice(0, -1);
  return {
    [ATTR_HTTP_REQUEST_METHOD]: request.method,
    [ATTR_HTTP_ROUTE]: routeOf(pathname),
    [ATTR_URL_PATH]: pathname,
    [ATTR_URL_SCHEME]: scheme,
    [ATTR_SERVER_ADDRESS]: hostname,
    [ATTR_SERVER_PORT]: Number(port) || (scheme === "https" ? 443 : 80),
  };
}

/** A collector that is away is told of in our log, not on the library's own way to stderr. */
function tellProblems(log: Log) {
  const quiet = () => {};
  const tell = (message: string) => log.warn({ reason: message }, "Traces can't be sent.");
  diag.setLogger({ error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet });
}
