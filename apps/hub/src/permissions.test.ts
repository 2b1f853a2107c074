import { expect, test } from "bun:test";
import { METRICS, type MetricName } from "@podium/shared";
import { parse } from "yaml";
import { describeApi } from "./openapi.ts";
import { GATEWAY_TOKEN, type TestHub, withHub } from "./testing/hub.ts";
import { seeded } from "./testing/random.ts";

interface Operation {
  method: string;
  path: string;
  open: boolean;
  body: unknown;
}
interface Described {
  security?: unknown[];
  requestBody?: { content?: Record<string, { schema?: unknown }> };
}

const METHODS = ["get", "post", "put", "patch", "delete"];
const document = parse(describeApi()) as {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, unknown> };
};

/** Every operation that the API describes: a new route is swept without being named here. */
const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([method]) => METHODS.includes(method))
    .map(([method, described]) => ({
      method: method.toUpperCase(),
      path,
      open: described.security?.length === 0,
      body: described.requestBody?.content?.["application/json"]?.schema,
    })),
);

/** What stands in a path where nothing else is known: well-formed, and nobody's. */
const NOTHING: Record<string, string> = {
  slug: "nobodys",
  team: "nobodys",
  name: "nothing",
  round: "nothing",
  email: "nobody@podium.test",
  sha256: "0".repeat(64),
  tree: "0".repeat(64),
  attempt: `att_${"0".repeat(32)}`,
};

function idFor(path: string): string {
  const prefixes = {
    sessions: "ses",
    submissions: "sub",
    studies: "sty",
    bindings: "bnd",
    keys: "key",
    tokens: "tok",
    invitations: "inv",
    merges: "mrg",
    "batch-inferences": "bti",
  };
  if (path.includes("/trees/{id}")) return "0".repeat(64);
  const found = Object.entries(prefixes).find(([folder]) => path.includes(`/${folder}/{id}`));
  return `${found?.[1] ?? "ses"}_${"0".repeat(32)}`;
}

function addressOf(path: string, values: Record<string, string> = NOTHING): string {
  return path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => values[name] ?? (name === "id" ? idFor(path) : "nothing"),
  );
}

test(
  "every route refuses who has not logged in, except logging in, signing up and joining",
  () =>
    withHub(async (hub) => {
      expect(operations.length).toBeGreaterThan(50);
      const open = operations.filter((operation) => operation.open).map(({ path }) => path);
      expect(open.sort()).toEqual([
        "/api/v1/auth/sign-in",
        "/api/v1/auth/sign-out",
        "/api/v1/auth/sign-up",
        "/api/v1/nodes/join",
      ]);
      for (const { method, path, body } of operations.filter((operation) => !operation.open)) {
        const sent = body === undefined ? {} : { body: validBody(body) };
        const answer = await hub.call(method, addressOf(path), {
          ...sent,
          headers: { "x-podium-epoch": "1" },
        });
        // A body or header that this test can't make right is refused before anybody is asked who they are.
        expect(outside([400, 401], method, path, answer)).toBeNull();
        const problem = (await answer.json()) as { code: string };
        expect(["unauthenticated", "invalid_request"]).toContain(problem.code);
      }
    }),
  60_000,
);

test(
  "a participant reaches nothing of another team, of organizers, administrators, nodes or gateways",
  () =>
    withHub(async (hub) => {
      const owner = await hub.join("owner");
      const stranger = await hub.join("stranger");
      const owned = await makeThings(hub, owner);

      for (const { method, path } of operations.filter(({ path }) => /\{/.test(path) && !isOwn(path))) {
        const address = addressOf(path, { ...NOTHING, ...owned(path) });
        const headers = { "x-podium-epoch": "1" };
        const answer = await hub.call(method, address, {
          token: stranger.token,
          headers,
          ...(method === "GET" ? {} : { body: {} }),
        });
        expect(outside([400, 401, 403, 404], method, path, answer)).toBeNull();
      }
      for (const [method, path, body] of [
        ["POST", "/api/v1/credits/grants", { team: "stranger", amount: 1, memo: "" }],
        ["PUT", "/api/v1/credits/prices", {}],
        ["GET", "/api/v1/credits/summary", undefined],
        ["POST", "/api/v1/nodes/join-tokens", undefined],
        ["PATCH", "/api/v1/users/stranger@podium.test/role", { role: "admin" }],
      ] as const) {
        expect((await hub.call(method, path, { token: stranger.token, body })).status).toBe(403);
      }
      const lists = [
        "/api/v1/sessions",
        "/api/v1/datasets",
        "/api/v1/endpoints",
        "/api/v1/studies",
        "/api/v1/notifications",
        "/api/v1/tokens",
      ];
      for (const path of lists) {
        const answer = (await (await hub.call("GET", path, { token: stranger.token })).json()) as {
          items: { name?: string }[];
        };
        expect(answer.items.filter(({ name }) => name !== "test")).toEqual([]);
      }
      const gateway = await hub.call("GET", "/api/v1/me", { token: GATEWAY_TOKEN });
      expect(gateway.status).toBe(401);
    }),
  60_000,
);

test(
  "whatever is sent to whatever route, the answer is never a fault of ours",
  () =>
    withHub(async (hub) => {
      const admin = await hub.adminToken();
      const { next: random } = seeded(20_260_101);
      const rough = operations.filter(
        ({ path }) => !path.endsWith("/stream") && !path.includes("/gateway/routes"),
      );
      for (const { method, path, body } of rough) {
        for (let round = 0; round < 6; round++) {
          const values =
            round < 2
              ? NOTHING
              : Object.fromEntries(
                  Object.keys(NOTHING).map((name) => [name, encodeURIComponent(oddText(random))]),
                );
          const query =
            round === 0 ? "" : `?limit=${oddNumber(random)}&after=${encodeURIComponent(oddText(random))}`;
          const sent =
            method === "GET" || body === undefined
              ? {}
              : { body: round % 2 ? oddBody(body, random) : oddText(random) };
          const headers = { "x-podium-epoch": oddNumber(random), "content-type": "application/json" };
          const answer = await hub.call(method, `${addressOf(path, values)}${query}`, {
            token: admin,
            ...sent,
            headers,
          });
          const text = answer.status >= 500 ? await answer.text() : "";
          expect([method, path, JSON.stringify(sent).slice(0, 300), text]).toEqual([
            method,
            path,
            expect.any(String),
            "",
          ]);
        }
      }
    }),
  120_000,
);

/** A file is sent to one's own team, whatever its name. */
const isOwn = (path: string) => path === "/api/v1/blobs/{sha256}";

/** What was asked and how it was answered, where that is none of these. */
function outside(
  statuses: readonly number[],
  method: string,
  path: string,
  { status }: Response,
): string | null {
  return statuses.includes(status) ? null : `${method} ${path}: ${status}`;
}

/** One of each thing that a team can own; gives, for a path, the values that name them. */
async function makeThings(hub: TestHub, owner: { token: string; name: string }) {
  const { token } = owner;
  const bytes = new TextEncoder().encode("print('mine')\n");
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  await hub.call("PUT", `/api/v1/blobs/${sha256}`, { token, body: bytes });
  const post = async (path: string, body: unknown) => {
    const answer = await hub.call("POST", `/api/v1${path}`, { token, body });
    if (answer.status !== 201) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const tree = await post("/trees", {
    entries: [{ path: "main.py", sha256, size: bytes.byteLength, mode: 0o644 }],
  });
  await post("/datasets", { name: "mine", visibility: "team" });
  const session = await post("/sessions", { code_tree: tree.id });
  await post("/endpoints", { name: "my-endpoint" });
  const study = await post("/studies", {
    session: { code_tree: tree.id },
    space: { "--lr": { choice: [1, 2] } },
    objective: { metric: "x", direction: "minimize" },
    trials: 1,
  });
  const tokens = (await (await hub.call("GET", "/api/v1/tokens", { token })).json()) as {
    items: { id: string }[];
  };

  return (path: string): Record<string, string> => {
    const named = path.includes("/endpoints/") ? "my-endpoint" : "mine";
    const ids: Record<string, string | undefined> = {
      "/sessions/": session.id,
      "/studies/": study.id,
      "/trees/": tree.id,
      "/tokens/": tokens.items[0]?.id,
    };
    const id = Object.entries(ids).find(([folder]) => path.includes(folder))?.[1];
    return { slug: owner.name, team: owner.name, name: named, sha256, tree: tree.id, ...(id ? { id } : {}) };
  };
}

type Schema = {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  pattern?: string;
  format?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  const?: unknown;
};

function resolve(schema: unknown): Schema {
  const { $ref } = schema as Schema;
  return $ref ? resolve(document.components.schemas[$ref.split("/").at(-1) ?? ""]) : (schema as Schema);
}

/** A body that fits the schema as far as the schema can say; enough to get past validation on most routes. */
function validBody(given: unknown): unknown {
  const schema = resolve(given);
  const choice = schema.oneOf?.[0] ?? schema.anyOf?.[0] ?? schema.allOf?.[0];
  if (choice) return validBody(choice);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const required = Object.entries(schema.properties ?? {}).filter(([name]) =>
      schema.required?.includes(name),
    );
    return Object.fromEntries(required.map(([name, property]) => [name, validBody(property)]));
  }
  if (type === "array") return [];
  if (type === "number" || type === "integer") return schema.minimum ?? 1;
  if (type === "boolean") return false;
  if (schema.format === "email") return "nobody@podium.test";
  if (schema.format === "date-time") return "2026-01-01T00:00:00Z";
  if (schema.format === "uri") return "http://podium.test";
  const id = /^\^(\w+)_\[0-9a-f\]/.exec(schema.pattern ?? "")?.[1];
  if (id) return `${id}_${"0".repeat(32)}`;
  return schema.pattern?.includes("{64}") ? "0".repeat(64) : "nothing";
}

const ODD = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "../../etc/passwd",
  "%00",
  "é",
  "e\u0301",
  "🏆",
  "'; drop table users; --",
  "null",
  "-1",
  "1e400",
  "x".repeat(5000),
  "{{",
  "\ud800",
  Object.keys(METRICS)[0] as MetricName,
  "main.py",
];
const pick = <T>(values: readonly T[], random: () => number): T =>
  values[Math.floor(random() * values.length)] as T;
const oddText = (random: () => number) => pick(ODD, random).replaceAll("\ud800", "\ufffd");
const oddNumber = (random: () => number) =>
  String(pick([-1, 0, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308], random));

/** A body of the schema's shape with odd values in it, or with a field of another kind altogether. */
function oddBody(given: unknown, random: () => number): unknown {
  const schema = resolve(given);
  const choice = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (choice) return oddBody(pick(choice, random), random);
  if (random() < 0.1) return pick([null, [], {}, "text", 0, true, [[[]]]], random);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const properties = Object.entries(schema.properties ?? {});
    return Object.fromEntries(
      properties.filter(() => random() < 0.9).map(([name, property]) => [name, oddBody(property, random)]),
    );
  }
  if (type === "array")
    return Array.from({ length: Math.floor(random() * 4) }, () => oddBody(schema.items ?? {}, random));
  if (type === "number" || type === "integer") return Number(oddNumber(random));
  return random() < 0.5 ? validBody(schema) : oddText(random);
}
