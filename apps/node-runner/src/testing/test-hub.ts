import {
  type Assignment,
  type AttemptReport,
  composeFileSchema,
  createIds,
  fetchPackSchema,
  type NodeUsage,
  nameOfChunks,
  packHeader,
  postRecordsSchema,
  readPack,
  resourcesSchema,
  runnerMessageSchema,
  type SpoolRecord,
  type Tree,
  type TreeEntry,
} from "@podium/shared";
import type { ServerWebSocket } from "bun";
import { treeIdOf } from "../data/manifests.ts";
import { createDigest } from "../data/name-file.ts";
import { nameOf } from "./test-source.ts";

const WAIT_MS = 20_000;
const ids = createIds(Date.now, () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
const problem = (status: number, code: string) =>
  Response.json(
    { type: `/problems/${code}`, title: code, status, code, detail: `test hub: ${code}` },
    { status },
  );

/** The hub's side of the runner's contract, in memory: this app's edge. Every message is held against its schema. */
export class TestHub {
  readonly blobs = new Map<string, Uint8Array>();
  readonly trees = new Map<string, Tree>();
  readonly assignments = new Map<string, Assignment>();
  readonly records = new Map<string, SpoolRecord[]>();
  /** the latest report of each attempt */
  reports = new Map<string, AttemptReport>();
  /** every report of an attempt in order, as states */
  readonly history: string[] = [];
  readonly checkpoints = new Map<string, string>();
  /** of the latest heartbeat */
  usage: NodeUsage | null = null;
  /** what every answer says, and what the runner repeated of it, in order */
  fence = 0;
  readonly heardFences: (number | null | undefined)[] = [];
  /** what the node last said it has */
  environments: { key: string; build_seconds: number }[] = [];
  images: { reference: string; size_bytes: number }[] = [];
  /** what was wrong with what the runner sent; each test ends by looking here */
  readonly violations: string[] = [];
  readonly stale = new Set<string>();
  isDown = false;
  /** how long `until` waits for what shall come true */
  waitMs = WAIT_MS;
  readonly joinToken = "join-token-of-this-test";
  readonly nodeToken = "node-token-of-this-test";
  /** bytes of blobs handed out */
  servedBlobs = 0;
  /** the connection of a single blob breaks after so many bytes */
  breakAfter = Number.POSITIVE_INFINITY;
  /** where in a blob the runner began, for each it asked for alone */
  readonly offsets: number[] = [];
  /** happens when a large file is about to be named */
  beforeCompose = () => {};
  /** names of the blobs that came alone, in order */
  readonly received: string[] = [];
  /** damages the next so many blobs on their way */
  damageNext = 0;
  #sockets = new Set<ServerWebSocket<undefined>>();
  readonly #server;
  #waiters: (() => void)[] = [];

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request, server) => {
        if (this.isDown) return problem(503, "unavailable");
        if (new URL(request.url).pathname !== "/api/v1/runner/connect") return this.#answer(request);
        if (!this.#isNode(request)) return problem(401, "unauthenticated");
        return server.upgrade(request) ? undefined : problem(400, "invalid_request");
      },
      websocket: {
        open: (socket) => {
          this.#sockets.add(socket);
        },
        close: (socket) => {
          this.#sockets.delete(socket);
        },
        message: (socket, text) => this.#message(socket, String(text)),
      },
    });
  }

  get url() {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async close() {
    await this.#server.stop(true);
  }

  /** From now on the hub can't be reached; open connections break. */
  goDown() {
    this.isDown = true;
    for (const socket of this.#sockets) socket.close();
  }
  comeBack() {
    this.isDown = false;
  }

  addTree(files: Record<string, string | Uint8Array>): string {
    const entries: TreeEntry[] = Object.entries(files).map(([path, content]) => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const name = nameOf(bytes);
      this.blobs.set(name, bytes);
      return { path, sha256: name, size: bytes.byteLength, mode: 0o644 };
    });
    return this.#putTree(entries);
  }

  /** An assignment of a script, sent to the runner at once. */
  assign(
    script: string,
    overrides: Partial<Assignment> = {},
    files: Record<string, string> = {},
  ): Assignment {
    const assignment: Assignment = {
      attempt_id: ids.next("attempt"),
      epoch: 1,
      desired: "run",
      stop_reason: null,
      grace_ms: 2_000,
      session: { id: ids.next("session"), name: "ada/movies/1", kind: "train" },
      entrypoint: "main.py",
      args: [],
      code_tree: this.addTree({ "main.py": script, ...files }),
      image: null,
      dropped_image: null,
      environment: null,
      datasets: [],
      checkpoint: null,
      resumes: false,
      input: null,
      devices: [],
      resources: resourcesSchema.parse({}),
      timeout_ms: 60_000,
      serving: null,
      ...overrides,
    };
    this.assignments.set(assignment.attempt_id, assignment);
    this.push();
    return assignment;
  }

  change(assignment: Assignment, change: Partial<Assignment>) {
    this.assignments.set(assignment.attempt_id, { ...assignment, ...change });
    this.push();
  }

  drop(attemptId: string) {
    this.assignments.delete(attemptId);
    this.push();
  }

  /** An unasked sync to every connected runner. */
  push() {
    for (const socket of this.#sockets) socket.send(this.#sync(null));
  }

  report(attemptId: string): AttemptReport | undefined {
    return this.reports.get(attemptId);
  }

  recordsOf<T extends SpoolRecord["type"]>(attemptId: string, type: T) {
    const all = this.records.get(attemptId) ?? [];
    return all.filter((record): record is Extract<SpoolRecord, { type: T }> => record.type === type);
  }

  log(attemptId: string): string[] {
    return this.recordsOf(attemptId, "log").map((record) => record.text);
  }

  /** Waits until what the runner told this hub makes it true. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + this.waitMs;
    while (!condition()) {
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(
          `Waited in vain until ${what}. Reports: ${JSON.stringify([...this.reports.values()])}`,
        );
      await Promise.race([
        new Promise<void>((resolve) => this.#waiters.push(resolve)),
        Bun.sleep(Math.min(left, 100)),
      ]);
    }
  }

  async ended(assignment: Assignment): Promise<AttemptReport> {
    await this.until("the attempt ended", () => this.report(assignment.attempt_id)?.state === "ended");
    const report = this.report(assignment.attempt_id);
    if (!report) throw new Error("The attempt is gone.");
    return report;
  }

  #isNode(request: Request) {
    return request.headers.get("authorization") === `Bearer ${this.nodeToken}`;
  }

  #sync(answers: string | null) {
    const { fence } = this;
    const attempts = [...this.assignments.values()];
    return JSON.stringify({ type: "sync", answers, lease_ms: 60_000, attempts, fence });
  }

  #message(socket: ServerWebSocket<undefined>, text: string) {
    const parsed = runnerMessageSchema.safeParse(JSON.parse(text));
    if (!parsed.success) {
      this.violations.push(parsed.error.message);
      return;
    }
    const message = parsed.data;
    if (this.heardFences.at(-1) !== message.fence) this.heardFences.push(message.fence);
    this.reports = new Map(message.attempts.map((report) => [report.attempt_id, report]));
    for (const report of message.attempts) {
      const line = `${report.attempt_id} ${report.state}`;
      if (this.history.findLast((known) => known.startsWith(report.attempt_id)) !== line)
        this.history.push(line);
      const held = this.records.get(report.attempt_id)?.length ?? 0;
      if (report.state === "ended" && (report.final_seq ?? -1) > held)
        this.violations.push("ended before it had drained");
    }
    if (message.type === "heartbeat") {
      this.usage = message.usage;
      this.environments = message.cached_environments;
      this.images = message.cached_images;
      socket.send(this.#sync(message.sent_at));
    }
    this.#notify();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/api/v1/nodes/join") return this.#join(request);
    if (!this.#isNode(request)) return problem(401, "unauthenticated");
    const path = /^\/api\/v1\/runner\/attempts\/([^/]+)\/([a-z]+)(?:\/(.+))?$/.exec(url.pathname);
    const [, attempt, what, rest] = path ?? [];
    if (!attempt || !what) return problem(404, "not_found");
    if (request.headers.get("x-podium-epoch") === null) this.violations.push(`no epoch: ${url.pathname}`);
    if (this.stale.has(attempt)) return problem(409, "stale_epoch");
    const answer = await this.#answerAttempt(request, attempt, what, rest, url.searchParams);
    this.#notify();
    return answer;
  }

  async #answerAttempt(
    request: Request,
    attempt: string,
    what: string,
    rest: string | undefined,
    query: URLSearchParams,
  ): Promise<Response> {
    if (what === "trees" && rest) {
      const tree = this.trees.get(rest);
      return tree ? Response.json(tree) : problem(404, "not_found");
    }
    if (what === "blobs" && rest === "missing") {
      const { sha256: asked } = (await request.json()) as { sha256: string[] };
      return Response.json({ missing: asked.filter((hash) => !this.blobs.has(hash)) });
    }
    if (what === "blobs" && rest === "fetch") return this.#fetchPack(await request.json());
    if (what === "blobs" && rest === "pack") return this.#putPack(request);
    if (what === "blobs" && rest === "composed") return this.#compose(await request.json());
    if (what === "blobs" && rest)
      return request.method === "PUT" ? this.#putBlob(request, rest) : this.#getBlob(request, rest);
    if (what === "records") return this.#takeRecords(attempt, await request.json());
    if (what === "checkpoints") {
      const id = this.checkpoints.get(`${query.get("session") ?? ""}:${query.get("name")}`);
      return id ? Response.json({ name: query.get("name"), tree_id: id }) : problem(404, "not_found");
    }
    return problem(404, "not_found");
  }

  async #join(request: Request): Promise<Response> {
    const { join_token } = (await request.json()) as { join_token: string };
    if (join_token !== this.joinToken) return problem(401, "unauthenticated");
    return Response.json({ node_id: ids.next("node"), node_token: this.nodeToken }, { status: 201 });
  }

  #getBlob(request: Request, hash: string): Response {
    const bytes = this.#serve(hash);
    if (!bytes) return problem(404, "not_found");
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "") ?? [];
    this.offsets.push(Number(from ?? 0));
    const part = bytes.slice(Number(from ?? 0)) as Uint8Array<ArrayBuffer>;
    const body = part.byteLength > this.breakAfter ? breaking(part.slice(0, this.breakAfter)) : part;
    return new Response(body, { status: from === undefined ? 200 : 206 });
  }

  #fetchPack(body: unknown): Response {
    const { sha256: names } = fetchPackSchema.parse(body);
    const parts = names.map((name) => ({ name, bytes: this.#serve(name) }));
    if (parts.some(({ bytes }) => !bytes)) return problem(404, "not_found");
    const pack = parts.flatMap(({ name, bytes = new Uint8Array() }) => [
      packHeader(name, bytes.byteLength),
      bytes,
    ]);
    return new Response(Buffer.concat(pack));
  }

  #serve(hash: string): Uint8Array | undefined {
    const bytes = this.blobs.get(hash);
    if (!bytes) return undefined;
    this.servedBlobs += bytes.byteLength;
    return this.damageNext > 0 && this.damageNext-- ? new Uint8Array(bytes.byteLength) : bytes;
  }

  async #putPack(request: Request): Promise<Response> {
    const body = request.body as unknown as AsyncIterable<Uint8Array>;
    let stored = 0;
    for await (const blob of readPack(body)) {
      if (sha256(blob.bytes) !== blob.sha256) return problem(422, "hash_mismatch");
      this.blobs.set(blob.sha256, blob.bytes);
      stored += 1;
    }
    return Response.json({ stored, size_bytes: 0 });
  }

  #compose(body: unknown): Response {
    const { sha256: name, chunks } = composeFileSchema.parse(body);
    this.beforeCompose();
    const parts = chunks.map((chunk) => this.blobs.get(chunk));
    if (nameOfChunks(chunks, createDigest) !== name) return problem(422, "hash_mismatch");
    if (parts.includes(undefined)) return problem(400, "invalid_request");
    this.blobs.set(name, Buffer.concat(parts as Uint8Array[]));
    return new Response(null, { status: 204 });
  }

  async #putBlob(request: Request, hash: string): Promise<Response> {
    const bytes = await request.bytes();
    if (sha256(bytes) !== hash) return problem(422, "hash_mismatch");
    this.received.push(hash);
    this.blobs.set(hash, bytes);
    return new Response(null, { status: 204 });
  }

  #takeRecords(attempt: string, body: unknown): Response {
    const parsed = postRecordsSchema.safeParse(body);
    if (!parsed.success) {
      this.violations.push(parsed.error.message);
      return problem(400, "invalid_request");
    }
    const held = this.records.get(attempt) ?? [];
    this.records.set(attempt, held);
    for (const record of parsed.data.records) {
      if (record.seq <= held.length) continue;
      if (record.seq !== held.length + 1)
        this.violations.push(`record ${record.seq} came after ${held.length}`);
      held.push(record);
      if (record.type === "checkpoint")
        this.checkpoints.set(`:${record.name}`, this.#putTree(record.entries));
      if ("entries" in record && record.entries.some((entry) => !this.blobs.has(entry.sha256))) {
        this.violations.push("a record came before its files");
      }
    }
    return Response.json({ acked_seq: held.length });
  }

  #putTree(entries: TreeEntry[]): string {
    const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
    const id = treeIdOf(sorted);
    this.trees.set(id, { id, size: sorted.reduce((sum, entry) => sum + entry.size, 0), entries: sorted });
    return id;
  }

  #notify() {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

/** These bytes, and then a connection that is gone. */
function breaking(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      if (begun) {
        await Bun.sleep(50);
        controller.error(new Error("broken off"));
      } else controller.enqueue(bytes);
      begun = true;
    },
  });
}
