import { expect, test } from "bun:test";
import type { ModelSignature } from "@podium/shared";
import { sha256 } from "../../hash.ts";
import { startTestBed, type TestBed } from "../../testing/test-gateway.ts";
import { KEY, testBinding, testEndpoint, testId, testTable } from "../../testing/test-table.ts";

const ANY: ModelSignature = {
  inputs: [{ name: "rows", datatype: "BYTES", shape: [-1] }],
  outputs: [{ name: "predictions", datatype: "BYTES", shape: [-1] }],
  batch: true,
};

interface Operation {
  responses: Record<string, { $ref?: string }>;
  parameters?: { $ref?: string; name?: string }[];
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}

const KEYS = [
  { id: testId("key", 1), sha256: sha256(KEY), expires_at: null },
  { id: testId("key", 2), sha256: sha256("pdk_looks"), expires_at: null, scopes: ["metadata" as const] },
  { id: testId("key", 3), sha256: sha256("pdk_few"), expires_at: null, calls_per_day: 1 },
];
type Sent = Record<string, string>;
const auth: Sent = { "x-api-key": KEY };
const looks: Sent = { "x-api-key": "pdk_looks" };
const nobody: Sent = {};

/** One model that answers, one whose calls time out, one whose team can't pay, one that takes few bytes, one asleep. */
async function bedOfAll(): Promise<TestBed> {
  const bindings = (n: number) => [testBinding(n, { signature: ANY, replica_sha256: [] })];
  const table = testTable({ keys: KEYS, bindings: [testBinding(1, { signature: ANY })] });
  table.endpoints.push(
    testEndpoint(2, { keys: KEYS, bindings: bindings(2), timeout_ms: 100 }),
    testEndpoint(3, { keys: KEYS, bindings: bindings(3), out_of_credit: true }),
    testEndpoint(4, { keys: KEYS, bindings: bindings(4), max_body_bytes: 1 }),
    testEndpoint(5, {
      keys: KEYS,
      bindings: [testBinding(5, { signature: ANY, holds: true, replica_sha256: [] })],
    }),
  );
  return startTestBed(table);
}

const documentOf = async (bed: TestBed, name: string) =>
  (await (await bed.get(`/${name}/openapi.json`)).json()) as Document;

/** The path of the document that this one is an instance of. */
function templateOf({ paths }: Document, path: string): string | undefined {
  const [bare = ""] = path.split("?");
  const matches = (template: string) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(bare);
  return Object.keys(paths).find(matches);
}

const BODIES: Record<string, string> = {
  "": "[1]",
  infer: '{"inputs":[{"name":"rows","datatype":"BYTES","shape":[1],"data":["1"]}]}',
  predict: '{"instances":[1]}',
  generate: '{"text_input":"a"}',
  generate_stream: '{"text_input":"a"}',
};
const callsOf = (name: string): [path: string, body: string][] => [
  [`/${name}`, BODIES[""] ?? ""],
  [`/v1/models/${name}:predict`, BODIES["predict"] ?? ""],
  ...["infer", "generate", "generate_stream"].flatMap((verb): [string, string][] => {
    const version = name.slice("model-".length);
    const at = [`/v2/models/${name}/${verb}`, `/v2/models/${name}/versions/${version}/${verb}`];
    return at.map((path) => [path, BODIES[verb] ?? ""]);
  }),
];

test("whatever an endpoint answers, on whatever path and with whatever status, stands in its document", async () => {
  await using bed = await bedOfAll();
  await bed.replica({ signature: ANY, infer: (body) => answerTo(new TextDecoder().decode(body)) });
  const documents = new Map<string, Document>();
  for (const name of [1, 2, 3, 4, 5].map((n) => `model-${n}`))
    documents.set(name, await documentOf(bed, name));
  const seen = new Map<string, Set<number>>();
  const note = async (method: string, path: string, body: string | null, headers: Sent) => {
    const response = await fetch(bed.gateway.url + path, { method, body, headers });
    await response.bytes();
    const document = documents.get(/model-\d/.exec(path)?.[0] ?? "") as Document;
    const template = templateOf(document, path);
    const operation = document.paths[template ?? ""]?.[method.toLowerCase()];
    const isKnown = operation?.responses[String(response.status)] !== undefined;
    expect([method, path, response.status, isKnown]).toEqual([method, path, response.status, true]);
    const of = `${method} ${template?.replace(/model-\d/, "model")}`;
    seen.set(of, (seen.get(of) ?? new Set()).add(response.status));
    return response;
  };

  for (const [path, body] of callsOf("model-1")) {
    for (const headers of [auth, nobody, looks]) await note("POST", path, body, headers);
    await note("POST", path, "{", auth);
    await note("POST", path, "[422]", auth);
    await note("POST", path, body, { ...auth, "x-request-timeout-ms": "never" });
    await note("POST", path, body, { "x-api-key": "pdk_few" });
    await note("POST", path, body, { "x-api-key": "pdk_few" });
    await note("POST", path, body, { ...auth, "content-encoding": "br" });
    if (path.includes("versions")) await note("POST", path.replace("versions/1", "versions/9"), body, auth);
    if (!path.includes("stream")) await note("POST", path, body, { ...auth, prefer: "respond-async" });
  }
  for (const name of ["model-2", "model-3", "model-4"])
    for (const [path, body] of callsOf(name)) await note("POST", path, body, auth);
  for (const [path, body] of callsOf("model-5"))
    if (!path.includes("stream")) await note("POST", path, body, { ...auth, prefer: "wait=0" });
  await lookAtAll(note);
  await askForJobs(note);
  expect([...(seen.get("POST /model") ?? [])].sort()).toEqual([
    200, 202, 400, 401, 402, 403, 413, 422, 429, 503,
  ]);
  const documented = Object.entries(documents.get("model-1")?.paths ?? {}).flatMap(([path, item]) =>
    ["get", "post", "delete"]
      .filter((method) => method in item)
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  const asked = [...seen.keys()].map((of) => of.replace("model/", "model-1/").replace("model:", "model-1:"));
  expect(documented.map((of) => of.replace(/\/model-1$/, "/model")).sort()).toEqual(asked.sort());
}, 60_000);

type Note = (method: string, path: string, body: string | null, headers: Sent) => Promise<Response>;

async function lookAtAll(note: Note) {
  for (const path of [
    "/model-1/openapi.json",
    ...["", "/ready", "/versions/1", "/versions/1/ready"].map((rest) => `/v2/models/model-1${rest}`),
  ])
    for (const headers of [auth, nobody]) await note("GET", path, null, headers);
  await note("GET", "/v2/models/model-1/versions/9", null, auth);
  await note("GET", "/v2/models/model-2/ready", null, auth);
}

async function askForJobs(note: Note) {
  const at = (await note("POST", "/model-1", "[1]", { ...auth, prefer: "respond-async" })).headers.get(
    "location",
  );
  const waiting = (await note("POST", "/model-2", "[1]", { ...auth, prefer: "respond-async" })).headers.get(
    "location",
  );
  await note("GET", `${at}?wait=10`, null, auth);
  await note("GET", `${at}/result`, null, auth);
  await note("GET", `${waiting}/result`, null, auth);
  const away = `/model-1/jobs/job_${"f".repeat(32)}_${"0".repeat(32)}`;
  for (const path of [`${at}`, "/model-1/jobs/nothing", away])
    for (const headers of [auth, nobody, looks]) {
      await note("GET", path, null, headers);
      await note("GET", `${path}/result`, null, headers);
    }
  for (const headers of [nobody, looks, auth, auth]) await note("DELETE", `${at}`, null, headers);
}

const answerTo = (body: string) =>
  body.includes("422") ? { status: 422, body: '{"error":"no"}' } : { status: 200, body: '["a"]' };

test("every reference of the document leads somewhere, and every component is used", async () => {
  await using bed = await bedOfAll();
  const document = await documentOf(bed, "model-1");
  const text = JSON.stringify(document);
  const references = new Set(
    Array.from(text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g), ([, a, b]) => `${a}/${b}`),
  );
  const components = Object.entries(document.components)
    .filter(([kind]) => kind !== "securitySchemes" && kind !== "responses")
    .flatMap(([kind, all]) => Object.keys(all).map((name) => `${kind}/${name}`));
  const known = [
    ...components,
    ...Object.keys(document.components["responses"] ?? {}).map((name) => `responses/${name}`),
  ];
  for (const reference of references) expect(known).toContain(reference);
  for (const component of components) expect([...references]).toContain(component);
});

test("a job is as its schema says, and a request may say its own time limit in both ways", async () => {
  await using bed = await bedOfAll();
  await bed.replica({ signature: ANY });
  const document = await documentOf(bed, "model-1");
  const { Job } = document.components["schemas"] as Record<
    string,
    { required: string[]; properties: object }
  >;
  const taken = await bed.post("/model-1", "[1]", { ...auth, prefer: "respond-async" });
  const job = (await taken.json()) as object;
  expect(Object.keys(job).sort()).toEqual([...(Job?.required ?? [])].sort());
  expect(Object.keys(Job?.properties ?? {})).toEqual([...Object.keys(job), "webhook_secret"]);
  const text = JSON.stringify(document);
  for (const word of [
    "X-Request-Timeout-Ms",
    "Retry-After",
    "RateLimit-Remaining",
    "Podium-Webhook",
    "microseconds",
  ])
    expect(text).toContain(word);
  expect(text).toContain("bodies of 1000000 bytes");
});
