import { DomainError } from "@podium/shared";
import { type Context, Hono } from "hono";
import { checkKey } from "../admission/check-key.ts";
import type { Endpoint } from "../routing/endpoint.ts";
import { answer } from "./answer.ts";
import type { Desk } from "./desk.ts";
import { asErrorBody, asProblem, errorResponse } from "./errors.ts";
import { generate, generateOfVersion } from "./generate/generate.ts";
import { generateStream } from "./generate/generate-stream.ts";
import { showJob } from "./held/show-job.ts";
import { infer, inferOfVersion } from "./open-inference/infer.ts";
import { describeModel, isModelReady, SERVER } from "./open-inference/models.ts";
import { describeEndpoint } from "./openapi/document.ts";
import { plain } from "./plain.ts";
import { predictV1 } from "./predict-v1.ts";

export interface Health {
  isReady(): boolean;
  metrics(): Promise<string>;
  metricsType: string;
}

/** Every path of the gateway but the replicas' WebSocket. `main` dispatches `POST /{endpoint}` before it comes here. */
export function createApp(desk: Desk, health: Health): Hono {
  const app = new Hono({ strict: false });
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) =>
    health.isReady() ? c.json({ status: "ready" }) : c.json({ status: "waiting for a route table" }, 503),
  );
  app.get("/metrics", async () => {
    return new Response(await health.metrics(), { headers: { "content-type": health.metricsType } });
  });
  addOpenInference(app, desk, health);
  addPredict(app, desk);
  app.get("/:model/openapi.json", (c) => {
    return c.json(describeEndpoint(allowed(desk, c), new URL(c.req.url).origin));
  });
  app.post("/:endpoint", (c) => answer(desk, find(desk, c.req.param("endpoint")), c.req.raw, plain));
  app.notFound((c) => errorResponse(nowhere(c), writerOf(c), desk.log));
  app.onError((error, c) => errorResponse(error, writerOf(c), desk.log));
  return app;
}

function addOpenInference(app: Hono, desk: Desk, health: Health) {
  app.get("/v2", (c) => c.json(SERVER));
  app.get("/v2/health/live", (c) => c.json({ live: true }));
  app.get("/v2/health/ready", (c) => c.json({ ready: health.isReady() }, health.isReady() ? 200 : 503));
  for (const path of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    app.get(path, (c) => c.json(describeModel(allowed(desk, c), c.req.param("version"))));
    app.get(`${path}/ready`, (c) => {
      const endpoint = allowed(desk, c);
      const ready = isModelReady(endpoint, c.req.param("version"));
      return c.json({ name: endpoint.name, ready }, ready ? 200 : 503);
    });
    app.post(`${path}/infer`, (c) => {
      const version = c.req.param("version");
      const protocol = version === undefined ? infer : inferOfVersion;
      return answer(desk, find(desk, c.req.param("model") ?? ""), c.req.raw, protocol, version);
    });
    app.post(`${path}/generate`, (c) => {
      const version = c.req.param("version");
      const protocol = version === undefined ? generate : generateOfVersion;
      return answer(desk, find(desk, c.req.param("model") ?? ""), c.req.raw, protocol, version);
    });
    app.post(`${path}/generate_stream`, (c) =>
      generateStream(desk, find(desk, c.req.param("model") ?? ""), c.req.raw, c.req.param("version")),
    );
  }
}

function addPredict(app: Hono, desk: Desk) {
  app.get("/v1/models/:model", (c) => {
    const endpoint = allowed(desk, c);
    const ready = isModelReady(endpoint);
    return c.json({ name: endpoint.name, ready }, ready ? 200 : 503);
  });
  app.get("/v1/jobs/:id", (c) => showJob(desk, c.req.param("id"), c.req.raw.headers));
  app.post("/v1/models/:target", (c) => {
    const target = c.req.param("target");
    if (!target.endsWith(":predict")) throw nowhere(c);
    return answer(desk, find(desk, target.slice(0, -":predict".length)), c.req.raw, predictV1);
  });
}

function find(desk: Desk, name: string): Endpoint {
  const endpoint = desk.routes.endpoint(name);
  if (endpoint) return endpoint;
  throw new DomainError(
    "not_found",
    `There is no endpoint '${name}' here. Check its name, or whether it was removed.`,
  );
}

/** The model of a request about it, whose caller may know of it. */
function allowed(desk: Desk, c: Context): Endpoint {
  const endpoint = find(desk, c.req.param("model") ?? "");
  checkKey(endpoint, c.req.raw.headers, desk.clock);
  return endpoint;
}

function nowhere(c: Context): DomainError {
  const { method, path } = c.req;
  return new DomainError(
    "not_found",
    `There is nothing at ${method} ${path}. Models answer POST /{endpoint}.`,
  );
}

/** Paths of a foreign protocol have its errors. */
function writerOf(c: Context) {
  return /^\/v[12](\/|$)/.test(c.req.path) ? asErrorBody : asProblem;
}
