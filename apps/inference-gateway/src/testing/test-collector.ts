export interface ReceivedSpan {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  links: { traceId: string; spanId: string }[];
  attributes: Record<string, unknown>;
  status: { code: number };
}

export interface TestCollector extends AsyncDisposable {
  url: string;
  /** requests as they came: path, headers and the whole body */
  requests: { path: string; headers: Headers; body: string }[];
  /** every span that has come */
  spans(): ReceivedSpan[];
  resource(): Record<string, unknown>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}
interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: (Omit<ReceivedSpan, "attributes"> & { attributes: Attribute[] })[] }[];
  }[];
}

/** A collector that takes OTLP as JSON over HTTP, and keeps it. */
export function startTestCollector(): TestCollector {
  const requests: TestCollector["requests"] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname: path } = new URL(request.url);
      requests.push({ path, headers: request.headers, body: await request.text() });
      return Response.json({ partialSuccess: {} });
    },
  });
  const exports = () => requests.flatMap(({ body }) => (JSON.parse(body) as Export).resourceSpans);
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    spans: () =>
      exports()
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map((span) => ({ ...span, attributes: valuesOf(span.attributes) })),
    resource: () => valuesOf(exports()[0]?.resource.attributes ?? []),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function valuesOf(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
