import type { Server } from "bun";
import { answer, IDLE_SECONDS } from "./protocol/answer.ts";
import { shareWithOrigin } from "./protocol/cors.ts";
import type { Desk } from "./protocol/desk.ts";
import { asProblem, errorResponse } from "./protocol/errors.ts";
import { plain } from "./protocol/plain.ts";
import type { Replica } from "./replicas/replica.ts";
import type { Endpoint } from "./routing/endpoint.ts";

const MIB = 1024 * 1024;
/** Above every endpoint's own limit: beyond it the server answers 413 without asking. */
const MAX_REQUEST_BYTES = 128 * MIB;
const MAX_MESSAGE_BYTES = 256 * MIB;
/** A replica that does not even answer pings for so long is gone. */
const REPLICA_SILENCE_SECONDS = 20;

export interface HttpServerOptions {
  host: string;
  port: number;
  desk: Desk;
  /** every path but the plain form and the replicas' WebSocket */
  app: { fetch(request: Request): Response | Promise<Response> };
  /** the replica that dials with this header; throws a `DomainError` when it may not */
  admitReplica: (authorization: string | null) => Promise<Replica>;
  replicas: Set<Replica>;
}

/** Listens for callers and replicas. Throws when the address can't be taken. */
export function serveHttp({
  host,
  port,
  desk,
  app,
  admitReplica,
  replicas,
}: HttpServerOptions): Server<Replica> {
  return Bun.serve<Replica>({
    hostname: host,
    port,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MAX_REQUEST_BYTES,
    fetch(request, server) {
      const answered = dispatch(request, server);
      return desk.draining ? asLast(answered) : answered;
    },
    websocket: {
      maxPayloadLength: MAX_MESSAGE_BYTES,
      backpressureLimit: 2 * MAX_MESSAGE_BYTES,
      idleTimeout: REPLICA_SILENCE_SECONDS,
      perMessageDeflate: false,
      open(socket) {
        replicas.add(socket.data);
        socket.data.opened(socket);
      },
      message(socket, message) {
        socket.data.received(message);
      },
      drain: (socket) => socket.data.drained(),
      close(socket, code) {
        replicas.delete(socket.data);
        socket.data.closed(code);
      },
    },
  });

  /** The plain form goes past the router: it is nearly all of the traffic. */
  function dispatch(request: Request, server: Server<Replica>): Answered {
    const name = onlySegment(request.url);
    if (request.method === "POST" && name !== "") {
      const endpoint = desk.routes.endpoint(name);
      if (endpoint) {
        const answered = answer(desk, endpoint, request, plain);
        return request.headers.has("origin") ? shared(endpoint, request, answered) : answered;
      }
    }
    if (name === "replicas" && request.method === "GET") return upgrade(request, server);
    return app.fetch(request);
  }

  async function shared(endpoint: Endpoint, request: Request, answered: Promise<Response>) {
    const response = await answered;
    shareWithOrigin(endpoint, request, response.headers);
    return response;
  }

  async function upgrade(request: Request, server: Server<Replica>): Promise<Response | undefined> {
    try {
      const replica = await admitReplica(request.headers.get("authorization"));
      if (server.upgrade(request, { data: replica })) return undefined;
      return new Response("This path is a WebSocket for replicas.\n", {
        status: 426,
        headers: { upgrade: "websocket" },
      });
    } catch (error) {
      return errorResponse(error, asProblem, desk.log);
    }
  }
}

type Answered = Response | Promise<Response | undefined>;

/** The same answer, after which the connection is closed: its caller dials anew, and finds a gateway that stays. */
async function asLast(answered: Answered): Promise<Response | undefined> {
  const response = await answered;
  response?.headers.set("connection", "close");
  return response;
}

/** `name` of `http://host/name` and `http://host/name?query`; of deeper paths something that names no endpoint. */
function onlySegment(url: string): string {
  const start = url.indexOf("/", "https://".length) + 1;
  const query = url.indexOf("?", start);
  return query < 0 ? url.slice(start) : url.slice(start, query);
}
