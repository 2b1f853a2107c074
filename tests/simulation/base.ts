import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  competitionDefinitionSchema,
  createIds,
  createSessionSchema,
  type Id,
  type TreeEntry,
} from "@podium/shared";
import { createCompetition } from "../../apps/hub/src/competitions/definition/create.ts";
import { joinCompetition } from "../../apps/hub/src/competitions/entrants/join.ts";
import { createTree, putBlob } from "../../apps/hub/src/data/index.ts";
import { joinNode } from "../../apps/hub/src/nodes/join.ts";
import type { Actor, Context, Membership, PlatformRole } from "../../apps/hub/src/platform/context.ts";
import { createFolderStore } from "../../apps/hub/src/platform/folder-store.ts";
import { createLog } from "../../apps/hub/src/platform/log.ts";
import { sha256 } from "../../apps/hub/src/platform/secrets.ts";
import { createSession } from "../../apps/hub/src/sessions/create.ts";
import { ensurePersonalTeam } from "../../apps/hub/src/teams/ensure-personal-team.ts";
import { membershipsOf } from "../../apps/hub/src/teams/store.ts";
import type { Gate, OneConnection } from "../../apps/hub/src/testing/one-connection.ts";
import { seeded } from "../../apps/hub/src/testing/random.ts";
import { upsertCheckpoint } from "../../apps/hub/src/tracking/store.ts";
import { START_MS } from "./engine/world.ts";

const JOIN_TOKEN = "the-simulated-join-token";
const NODES = 3;
const PLAYERS = 3;

export interface Person {
  actor: Actor & { kind: "user" };
  team: Membership;
  codeTree: string;
  predictionsTree: string;
}

/** What every seed begins with: committed once, so that a seed costs only what happens in it. */
export interface Base {
  blobs: Context["blobs"];
  localFolder: string;
  players: Person[];
  organizer: Person;
  nodes: { id: Id<"node">; name: string }[];
  competition: string;
  /** what an infer session writes */
  output: TreeEntry[];
  checkpoint: TreeEntry[];
}

/** Makes people with a team and code each, a competition of two rounds that all have joined, and nodes that have joined. */
export async function makeBase(connection: OneConnection): Promise<Base> {
  const folder = mkdtempSync(join(tmpdir(), "podium-simulation-"));
  const blobs = createFolderStore(folder);
  const random = seeded(0);
  const clock = { now: () => new Date(START_MS - 3_600_000) };
  const localFolder = join(folder, "local");
  const ctx: Context = {
    actor: { kind: "system" },
    db: connection.db(OPEN_GATE),
    clock,
    ids: createIds(
      () => clock.now().getTime(),
      () => Math.floor(random.next() * 2 ** 32),
    ),
    blobs,
    log: createLog("silent", "simulation"),
    settings: {
      publicUrl: "http://podium.test",
      secret: "0".repeat(32),
      leaseMs: 1,
      inferWaitMs: 1,
      localFolder,
    },
  };
  await connection.begin();
  const organizer = await makePerson(ctx, connection, "organizer", "organizer");
  const players: Person[] = [];
  for (let n = 1; n <= PLAYERS; n++)
    players.push(await makePerson(ctx, connection, `player-${n}`, "participant"));
  const competition = await makeCompetition(ctx, organizer);
  for (const player of players) {
    const own = { ...ctx, actor: player.actor };
    await ctx.db.transaction((tx) => joinCompetition(own, tx, { name: competition }));
    await makeTrained(own, connection, player, players.indexOf(player));
  }
  const nodes: Base["nodes"] = [];
  for (let n = 1; n <= NODES; n++) {
    const name = `node-${n}`;
    const { node_id: id } = await joinNode(ctx, JOIN_TOKEN, { join_token: JOIN_TOKEN, name });
    nodes.push({ id, name });
  }
  const output = await sendFile(ctx, organizer, "predictions.jsonl", '{"id":"a","prediction":1}\n');
  const checkpoint: TreeEntry[] = [];
  for (const { team } of players)
    checkpoint.splice(0, 1, ...(await sendFile(ctx, { team }, "model.json", '{"weights":[1,2]}')));
  await connection.rows("update events set relayed_at = created_at");
  await connection.commit();
  return { blobs, localFolder, players, organizer, nodes, competition, output, checkpoint };
}

const OPEN_GATE: Gate = {
  enter: async () => undefined,
  statement: async () => undefined,
  committed: async () => undefined,
  notified: () => undefined,
};

async function makePerson(
  ctx: Context,
  connection: OneConnection,
  name: string,
  role: PlatformRole,
): Promise<Person> {
  const userId = ctx.ids.next("user");
  await connection.rows(
    `insert into users (id, name, email, email_verified, role, created_at, updated_at)
     values ($1, $2, $3, true, $4, $5, $5)`,
    [userId, name, `${name}@podium.test`, role, ctx.clock.now()],
  );
  await ctx.db.transaction((tx) => ensurePersonalTeam(ctx, tx, { id: userId, name }));
  const teams = await membershipsOf(ctx.db, userId);
  const team = teams[0];
  if (!team) throw new Error(`${name} has no team`);
  const owner = { team };
  const codeTree = await makeTree(ctx, owner, { "main.py": `print("${name}")\n` });
  const predictionsTree = await makeTree(ctx, owner, {
    "predictions.csv": `id,prediction\na,${name.length}\n`,
  });
  return { actor: { kind: "user", userId, role, teams }, team, codeTree, predictionsTree };
}

/** A session that has ended, with a checkpoint that can be submitted from the first moment on. */
async function makeTrained(
  ctx: Context,
  connection: OneConnection,
  player: Person,
  gpus: number,
): Promise<void> {
  const treeId = await makeTree(ctx, player, { "model.json": `{"weights":[${gpus}]}` });
  const request = createSessionSchema.parse({ code_tree: player.codeTree, resources: { gpus } });
  await ctx.db.transaction(async (tx) => {
    const { id: sessionId } = await createSession(ctx, tx, request);
    const createdAt = ctx.clock.now();
    const checkpoint = { name: "best", treeId, sizeBytes: 1, metrics: {}, createdAt };
    await upsertCheckpoint(tx, { id: ctx.ids.next("checkpoint"), sessionId, ...checkpoint });
  });
  await connection.rows("update sessions set state = 'succeeded', ended_at = created_at where team_id = $1", [
    player.team.id,
  ]);
}

async function sendFile(
  ctx: Context,
  { team }: Pick<Person, "team">,
  path: string,
  text: string,
): Promise<TreeEntry[]> {
  const bytes = new TextEncoder().encode(text);
  await putBlob(ctx, { teamId: team.id, sha256: sha256(bytes), body: bytes });
  return [{ path, sha256: sha256(bytes), size: bytes.byteLength, mode: 0o644 }];
}

async function makeTree(
  ctx: Context,
  owner: Pick<Person, "team">,
  files: Record<string, string>,
): Promise<string> {
  const entries: TreeEntry[] = [];
  for (const [path, text] of Object.entries(files)) entries.push(...(await sendFile(ctx, owner, path, text)));
  return (await ctx.db.transaction((tx) => createTree(ctx, tx, { teamId: owner.team.id, entries }))).id;
}

async function makeCompetition(ctx: Context, organizer: Person): Promise<string> {
  const trees = {
    train: await makeTree(ctx, organizer, { "train.csv": "id,x,rating\nt,1,1\n" }),
    inputs: await makeTree(ctx, organizer, { "inputs.csv": "id,x\na,1\n" }),
    labels: await makeTree(ctx, organizer, { "labels.csv": "id,rating\na,1\n" }),
  };
  const names = ["round-1", "round-2"];
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name: "contest",
    title: "A contest",
    metric: { name: "mse" },
    rounds: names.map((name) => ({
      name,
      train: "train",
      inputs: "inputs",
      labels: "labels.csv",
      target_field: "rating",
      limits: { per_day: 3, total: 4, pending: 2 },
    })),
  });
  const data = names.map((round) => ({ round, ...trees }));
  const own = { ...ctx, actor: organizer.actor };
  await ctx.db.transaction((tx) => createCompetition(own, tx, { definition, data }));
  return definition.name;
}
