/** One request and its answer, as they went over the wire; bodies in base64. */
export interface Exchange {
  method: string;
  path: string;
  /** of the request: those that change what it means */
  headers: Record<string, string>;
  body: string;
  answer: { status: number; headers: Record<string, string>; body: string };
}

const KEPT = ["inference-header-content-length", "content-encoding", "accept-encoding"];
const KEPT_OF_ANSWER = ["content-type", "inference-header-content-length"];

/** A proxy before a gateway that writes down what passes. */
export function startRecorder(gateway: string) {
  const exchanges: Exchange[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const body = await request.bytes();
      const { method } = request;
      const sent = method === "GET" ? {} : { body };
      // Decompressed answers: gzip's bytes are not the same everywhere.
      const response = await fetch(gateway + pathname, { method, headers: request.headers, ...sent });
      const answer = await response.bytes();
      exchanges.push({
        method,
        path: pathname,
        headers: pick(request.headers, KEPT),
        body: Buffer.from(body).toString("base64"),
        answer: {
          status: response.status,
          headers: pick(response.headers, KEPT_OF_ANSWER),
          body: Buffer.from(answer).toString("base64"),
        },
      });
      return new Response(answer, {
        status: response.status,
        headers: pick(response.headers, KEPT_OF_ANSWER),
      });
    },
  });
  return { address: `127.0.0.1:${server.port}`, exchanges, stop: () => server.stop(true) };
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  const kept = names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(kept) as Record<string, string>;
}
