import { OpenAPIHono } from "@hono/zod-openapi";
import { stringify } from "yaml";
import { mountRoutes } from "./app.ts";
import type { HttpEnv } from "./platform/http.ts";

/** Prints the API's description; `npm run generate` writes it to openapi.yaml. */
export function describeApi(): string {
  const app = new OpenAPIHono<HttpEnv>();
  // Routes are only described here, never called, so what they would work with is not needed.
  mountRoutes(app, {} as Parameters<typeof mountRoutes>[1]);
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description:
      "An API token (podium login makes one), a node's token or the gateways' token; browsers use their cookie.",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Podium hub",
      version: "1",
      description:
        "Competitions, sessions, data, credits and serving. Errors are RFC 9457 problem documents with a stable `code`.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

if (import.meta.main) process.stdout.write(describeApi());
