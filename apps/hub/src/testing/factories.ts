import type {
  AttemptReport,
  GivenUsage,
  HubMessage,
  Id,
  NodeCapacity,
  RunnerMessage,
  TreeEntry,
} from "@podium/shared";
import { competitionDefinitionSchema, createSessionSchema, nodeUsageSchema } from "@podium/shared";
import { users } from "../accounts/schema.ts";
import { createCompetition } from "../competitions/definition/create.ts";
import { joinCompetition } from "../competitions/entrants/join.ts";
import { book } from "../credits/book.ts";
import { balances } from "../credits/store.ts";
import { addVersion, createDataset, createTree, type OpenFile, putBlob } from "../data/index.ts";
import { markReady, noteSeen, setCapacity, upsertNode } from "../nodes/store.ts";
import type { Membership, PlatformRole } from "../platform/context.ts";
import { holdLease } from "../platform/leader.ts";
import { sha256 } from "../platform/secrets.ts";
import { describeServing, replicaReported } from "../serving/index.ts";
import { outputTeam } from "../sessions/attempt-files.ts";
import { createSession } from "../sessions/create.ts";
import { expireLeases } from "../sessions/expire.ts";
import { receiveFromNode } from "../sessions/heartbeat.ts";
import { placeSessions } from "../sessions/place.ts";
import { findAttempt, findSession, type SessionRow, updateSession } from "../sessions/store.ts";
import { ensurePersonalTeam } from "../teams/ensure-personal-team.ts";
import { membershipsOf } from "../teams/store.ts";
import { upsertCheckpoint } from "../tracking/store.ts";
import { storeRecords } from "../tracking/store-records.ts";
import { as, type TestContext } from "./context.ts";

let counter = 0;
const unique = (prefix: string) => `${prefix}-${process.pid.toString(36)}-${++counter}`;

export type Member = TestContext & { team: Membership; email: string };

/** A new user with a personal team, 100 credits on it, and a context of theirs. */
export async function makeMember(
  ctx: TestContext,
  role: PlatformRole = "participant",
  credits = 100,
): Promise<Member> {
  const name = unique("user");
  const id = ctx.ids.next("user");
  const now = ctx.clock.now();
  const email = `${name}@podium.test`;
  await ctx.db
    .insert(users)
    .values({ id, name, email, emailVerified: true, role, createdAt: now, updatedAt: now });
  await ctx.db.transaction((tx) => ensurePersonalTeam(ctx, tx, { id, name }));
  const teams = await membershipsOf(ctx.db, id);
  const team = teams[0];
  if (!team) throw new Error("no personal team");
  if (credits > 0)
    await ctx.db.transaction((tx) =>
      book(ctx, tx, {
        ...{ kind: "grant", from: "grants", to: "available", memo: "test", reference: null },
        teamId: team.id,
        amount: credits * 1_000_000,
      }),
    );
  return { ...as(ctx, { kind: "user", userId: id, role, teams }), team, email };
}

/** Stores files as a tree of the member's team. */
export async function makeTree(member: Member, files: Record<string, string>): Promise<string> {
  const entries: TreeEntry[] = [];
  for (const [path, text] of Object.entries(files)) {
    const bytes = new TextEncoder().encode(text);
    const hash = sha256(bytes);
    await putBlob(member, { teamId: member.team.id, sha256: hash, body: bytes });
    entries.push({ path, sha256: hash, size: bytes.byteLength, mode: 0o644 });
  }
  return (await member.db.transaction((tx) => createTree(member, tx, { teamId: member.team.id, entries })))
    .id;
}

interface DatasetInput {
  visibility?: "public" | "team" | "private";
  description?: string;
  tags?: string[];
  /** files of each version; one version with one file, unless told otherwise */
  versions?: Record<string, string>[];
}

/** A dataset of the member's team with its versions; gives its id. */
export async function makeDataset(
  member: Member,
  name: string,
  { versions = [{ "data.csv": `${name}\n` }], ...given }: DatasetInput = {},
): Promise<Id<"dataset">> {
  const trees: string[] = [];
  for (const files of versions) trees.push(await makeTree(member, files));
  const input = { teamId: member.team.id, name, description: "", visibility: "team" as const, ...given };
  return member.db.transaction(async (tx) => {
    const datasetId = await createDataset(member, tx, input);
    for (const treeId of trees) await addVersion(member, tx, { datasetId, treeId });
    return datasetId;
  });
}

/** What a small file holds. */
export async function textOf(file: OpenFile): Promise<string> {
  return Buffer.concat(await Array.fromAsync(file.read(0, file.size))).toString();
}

/** A ready node: 4 CPUs, 8 GiB, as many devices as asked for. */
export async function makeNode(
  ctx: TestContext,
  devices = 0,
  executors: NodeCapacity["executors"] = ["process"],
  model = "H100",
): Promise<Id<"node">> {
  const name = unique("node");
  const capacity: NodeCapacity = {
    cpu_milli: 4000,
    memory_bytes: 8 * 1024 ** 3,
    devices: Array.from({ length: devices }, (_, index) => ({
      index,
      uuid: `${name}-${index}`,
      model,
      memory_bytes: 1,
    })),
    executors,
  };
  return ctx.db.transaction(async (tx) => {
    const id = await upsertNode(tx, {
      id: ctx.ids.next("node"),
      name,
      tokenSha256: sha256(name),
      now: ctx.clock.now(),
    });
    await setCapacity(tx, id, capacity, () => ctx.ids.next("device"));
    await noteSeen(tx, id, ctx.clock.now(), null, []);
    await markReady(tx, id);
    return id;
  });
}

/** A queued training session of the member. */
export async function makeSession(member: Member, input: Record<string, unknown> = {}): Promise<SessionRow> {
  const code_tree = await makeTree(member, { "main.py": "print('hello')\n" });
  const request = createSessionSchema.parse({ code_tree, ...input });
  return member.db.transaction((tx) => createSession(member, tx, request));
}

/** One turn of the scheduler, under a lease of its own. */
export async function place(ctx: TestContext): Promise<void> {
  const leadership = await holdLease(ctx.db, "scheduler", "test", 60_000);
  if (!leadership) throw new Error("the scheduler's lease is taken");
  await placeSessions(as(ctx, { kind: "system" }), leadership);
}

export async function reload(ctx: TestContext, session: { id: string }): Promise<SessionRow> {
  const row = await findSession(ctx.db, { id: session.id });
  if (!row) throw new Error("the session is gone");
  return row;
}

/** What a node says about the attempt that this row names: it runs, unless told otherwise. */
export function reportOf(
  ctx: TestContext,
  { attemptId, epoch }: SessionRow,
  what: Partial<AttemptReport> = {},
): AttemptReport {
  return {
    attempt_id: (attemptId ?? "none") as Id<"attempt">,
    epoch,
    state: "running",
    started_at: ctx.clock.now().toISOString(),
    ended_at: null,
    exit_code: null,
    failure: null,
    final_seq: null,
    replica: null,
    ...what,
  };
}

/** What makes a report say that the script has ended well and left no records. */
export const ENDED = { state: "ended", exit_code: 0, final_seq: 0 } as const;

type Heartbeat = Extract<RunnerMessage, { type: "heartbeat" }>;

const IDLE = { cpu_share: 0, memory_bytes: 0, disk_free_bytes: 0, devices: [] };

/** A heartbeat of a node, and the hub's answer. */
export async function heartbeat(
  ctx: TestContext,
  nodeId: string | null,
  attempts: AttemptReport[] = [],
  { usage = {}, ...more }: Partial<Omit<Heartbeat, "usage">> & { usage?: Partial<GivenUsage> } = {},
): Promise<Extract<HubMessage, { type: "sync" }>> {
  const message = {
    type: "heartbeat" as const,
    sent_at: ctx.clock.now().toISOString(),
    attempts,
    cached_trees: [],
    cached_environments: [],
    cached_images: [],
    usage: nodeUsageSchema.parse({ ...IDLE, ...usage }),
    ...more,
  };
  const system = as(ctx, { kind: "system" });
  const answer = await receiveFromNode(system, nodeId ?? "none", message, describeServing, {
    replica: replicaReported,
  });
  if (answer.type !== "sync") throw new Error(answer.message);
  return answer;
}

/** A session's node reports on its current attempt, and on nothing else. */
export async function report(
  ctx: TestContext,
  session: { id: string },
  what: Partial<AttemptReport>,
): Promise<void> {
  const current = await reload(ctx, session);
  if (!current.attemptId || !current.nodeId) throw new Error("the session has not been placed");
  await heartbeat(ctx, current.nodeId, [reportOf(ctx, current, what)]);
}

/** Time passes until every lease has run out, and the hub takes back what silent nodes hold. */
export async function loseNodes(ctx: TestContext): Promise<void> {
  ctx.clock.advance(ctx.settings.leaseMs + 1);
  await expireLeases(as(ctx, { kind: "system" }));
}

/** A team's credit, in credits: what it may spend, what is reserved, what it has spent (refunds taken off). */
export async function creditOf(member: Member) {
  const [row] = await balances(member.db, [member.team.id]);
  const { available = 0, held = 0, spent = 0 } = row ?? {};
  return { available: available / 1e6, held: held / 1e6, spent: spent / 1e6 };
}

/** A session that runs on a node of its own. */
export async function makeRunningSession(
  member: Member,
  input: Record<string, unknown> = {},
): Promise<SessionRow> {
  const session = await makeSession(member, input);
  await makeNode(member, session.resources.gpus);
  await place(member);
  await report(member, session, { state: "running" });
  return reload(member, session);
}

/** A checkpoint as the session would have saved it. */
export async function makeCheckpoint(
  member: Member,
  session: { id: string },
  name = "best",
  files: Record<string, string> = { "model.json": JSON.stringify({ name }) },
): Promise<string> {
  const treeId = await makeTree(member, files);
  const row = { name, treeId, sizeBytes: 1, metrics: {}, createdAt: member.clock.now() };
  await member.db.transaction(async (tx) => {
    await upsertCheckpoint(tx, { id: member.ids.next("checkpoint"), sessionId: session.id, ...row });
    await updateSession(tx, session.id, { latestCheckpoint: { name, tree_id: treeId } });
  });
  return treeId;
}

/** Values that a running session reports, as its node hands them on. */
export async function reportValues(
  ctx: TestContext,
  session: { id: string },
  values: Record<string, number | null>,
): Promise<number> {
  const { attemptId, epoch, nodeId } = await reload(ctx, session);
  const found = attemptId ? await findAttempt(ctx.db, attemptId) : null;
  if (!found || !nodeId) throw new Error("the session has not been placed");
  const seq = found.attempt.ackedSeq + 1;
  const at = ctx.clock.now().toISOString();
  const node = as(ctx, { kind: "node", nodeId: nodeId as Id<"node"> });
  return storeRecords(node, found.attempt.id, epoch, [
    { type: "metric", seq, at, step: seq, values, summary: false },
  ]);
}

export const LABELS = "id,rating\na,1\nb,2\nc,3\nd,4\n";

/** A competition with open round 1 (and more rounds when asked), its organizer, and the definition's overrides. */
export async function makeCompetition(
  ctx: TestContext,
  overrides: { rounds?: number; round?: Record<string, unknown>; definition?: Record<string, unknown> } = {},
) {
  const organizer = await makeMember(ctx, "organizer");
  const train = await makeTree(organizer, { "train.csv": "id,x,rating\nt,1,1\n" });
  const inputs = await makeTree(organizer, { "inputs.csv": "id,x\na,1\nb,2\nc,3\nd,4\n" });
  const labels = await makeTree(organizer, { "labels.csv": LABELS });
  const names = Array.from({ length: overrides.rounds ?? 1 }, (_, index) => `round-${index + 1}`);
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: unique("contest"),
    title: "A contest",
    metric: { name: "mse" },
    rounds: names.map((name) => ({
      name,
      train: "train",
      inputs: "inputs",
      labels: "labels.csv",
      target_field: "rating",
      ...overrides.round,
    })),
    ...overrides.definition,
  });
  const program = definition.scorer ? { scorer: await makeTree(organizer, { "evaluation.py": "" }) } : {};
  const data = names.map((round) => ({ round, train, inputs, labels, ...program }));
  await organizer.db.transaction((tx) => createCompetition(organizer, tx, { definition, data }));
  return { organizer, name: definition.name, definition, data, trees: { train, inputs, labels } };
}

/** A member who has joined. */
export async function makeEntrant(ctx: TestContext, competition: string): Promise<Member> {
  const member = await makeMember(ctx);
  await member.db.transaction((tx) => joinCompetition(member, tx, { name: competition }));
  return member;
}

/** What the node of a running session does when the script has written these files into its output folder. */
export async function finishWithOutput(
  ctx: TestContext,
  session: { id: string },
  files: Record<string, string>,
): Promise<void> {
  const current = await reload(ctx, session);
  const node = as(ctx, { kind: "node", nodeId: current.nodeId as Id<"node"> });
  const entries: TreeEntry[] = [];
  for (const [path, text] of Object.entries(files)) {
    const bytes = new TextEncoder().encode(text);
    await putBlob(node, { teamId: outputTeam(current), sha256: sha256(bytes), body: bytes });
    entries.push({ path, sha256: sha256(bytes), size: bytes.byteLength, mode: 0o644 });
  }
  const at = ctx.clock.now().toISOString();
  const output = { type: "output" as const, seq: 1, at, entries };
  await storeRecords(node, current.attemptId ?? "", current.epoch, [output]);
  await report(ctx, session, { ...ENDED, final_seq: 1, ended_at: at });
}
