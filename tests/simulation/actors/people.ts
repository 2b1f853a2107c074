import { createSessionSchema, DomainError } from "@podium/shared";
import { closeRound, roundOfOrganizer } from "../../../apps/hub/src/competitions/index.ts";
import { submit } from "../../../apps/hub/src/competitions/submissions/submit.ts";
import { grantCredits } from "../../../apps/hub/src/credits/index.ts";
import { setPrices } from "../../../apps/hub/src/credits/prices.ts";
import type { Context } from "../../../apps/hub/src/platform/context.ts";
import type { Tx } from "../../../apps/hub/src/platform/database.ts";
import { inTransaction } from "../../../apps/hub/src/platform/transaction.ts";
import { createSession } from "../../../apps/hub/src/sessions/create.ts";
import { forkSession } from "../../../apps/hub/src/sessions/life/fork.ts";
import { migrateSession } from "../../../apps/hub/src/sessions/life/migrate.ts";
import { pauseSession } from "../../../apps/hub/src/sessions/life/pause.ts";
import { resumeSession } from "../../../apps/hub/src/sessions/life/resume.ts";
import { stopSession } from "../../../apps/hub/src/sessions/stop.ts";
import { holdCheckpoint } from "../../../apps/hub/src/tracking/index.ts";
import type { Person } from "../base.ts";
import { describe } from "../engine/world.ts";
import { isInjected } from "../faults/injected.ts";
import type { Simulation } from "../simulation.ts";

/** What a route does with a request: the verb in a transaction. */
type Action = (ctx: Context, person: Person) => Promise<string>;

/** What people do, and how often. A new verb is tried out by a line here. */
const ACTIONS: { name: string; weight: number; prepare(sim: Simulation, person: Person): Promise<Action> }[] =
  [
    { name: "runs a session", weight: 8, prepare: async (sim) => runs(sim) },
    { name: "stops a session", weight: 3, prepare: (sim, person) => changes(sim, person, ANY, stop) },
    { name: "pauses a session", weight: 3, prepare: (sim, person) => changes(sim, person, UNDER_WAY, pause) },
    { name: "resumes a session", weight: 4, prepare: (sim, person) => changes(sim, person, WAITING, resume) },
    { name: "forks a session", weight: 1, prepare: (sim, person) => changes(sim, person, ANY, fork) },
    { name: "moves a session", weight: 3, prepare: moves },
    { name: "submits a file", weight: 3, prepare: async (sim) => submitsFile(sim) },
    { name: "submits a checkpoint", weight: 5, prepare: submitsCheckpoint },
  ];

function runs(sim: Simulation): Action {
  const { world } = sim;
  const gpus = world.random.pick([0, 0, 1, 1, 1, 2, 2]);
  const resources = {
    gpus,
    // Two or three go on a device, and some pairs do not.
    gpu_milli: gpus === 1 ? world.random.pick([1000, 1000, 700, 500, 300, 1]) : 1000,
    cpu_milli: world.random.pick([500, 1500, 3000]),
  };
  const nodes = world.random.pick([1, 1, 1, 2, 2, 3]);
  const priority = world.between(-1, 1);
  const more = {
    timeout_ms: 3_600_000,
    retries: world.random.pick([0, 0, 1, 2]),
    preemptible: !world.oneIn(4),
  };
  return async (ctx, { codeTree: code_tree }) => {
    const request = createSessionSchema.parse({ code_tree, resources, nodes, priority, ...more });
    return inTransaction(ctx, async (tx) => (await createSession(ctx, tx, request)).id);
  };
}

type Change = (ctx: Context, tx: Tx, id: string) => Promise<{ id: string }>;

const stop: Change = (ctx, tx, id) => stopSession(ctx, tx, id, "stopped by its owner");
const pause: Change = pauseSession;
const resume: Change = (ctx, tx, id) => resumeSession(ctx, tx, id, holdCheckpoint);
const fork: Change = (ctx, tx, id) => forkSession(ctx, tx, id, {}, holdCheckpoint);

const ANY = "true";
const UNDER_WAY = "state in ('queued', 'placing', 'preparing', 'running', 'retrying')";
/** Most of the time somebody resumes what can be; a request that comes too late is refused. */
const WAITING = "state in ('paused', 'retrying', 'stopping')";

/** Does something to one of the person's training sessions of which `which` (SQL) is true now. */
async function changes(sim: Simulation, person: Person, which: string, change: Change): Promise<Action> {
  const own = `select id from sessions where team_id = $1 and kind = 'train' and ${which} order by id`;
  const id = await anyOf(sim, own, person);
  return (ctx) => inTransaction(ctx, async (tx) => (id ? (await change(ctx, tx, id)).id : "none"));
}

function moves(sim: Simulation, person: Person): Promise<Action> {
  const { random } = sim.world;
  const to = random.pick([null, ...sim.machines.map(({ node }) => node.name)]);
  return changes(sim, person, "node_id is not null", (ctx, tx, id) =>
    migrateSession(ctx, tx, id, to ?? undefined),
  );
}

function submitsFile(sim: Simulation): Action {
  return (ctx, { predictionsTree: tree_id }) =>
    inTransaction(
      ctx,
      async (tx) => (await submit(ctx, tx, sim.base.competition, { kind: "predictions", tree_id })).id,
    );
}

async function submitsCheckpoint(sim: Simulation, person: Person): Promise<Action> {
  const saved = `select s.id from sessions s join checkpoints c on c.session_id = s.id where s.team_id = $1 order by s.id`;
  const id = await anyOf(sim, saved, person);
  const what = { kind: "checkpoint" as const, session_id: id as never, checkpoint: "best" };
  return (ctx) =>
    inTransaction(ctx, async (tx) =>
      id ? (await submit(ctx, tx, sim.base.competition, what)).id : "none saved",
    );
}

async function anyOf(sim: Simulation, text: string, { team }: Person): Promise<string | null> {
  const rows = await sim.connection.rows<{ id: string }>(text, [team.id]);
  return rows.length === 0 ? null : sim.world.random.pick(rows).id;
}

/** Somebody does something now and then, until `isOver`. */
export function live(sim: Simulation, isOver: () => boolean): void {
  const { world } = sim;
  world.after(world.between(200, 10_000), async () => {
    if (isOver()) return;
    live(sim, isOver);
    const person = world.random.pick(sim.base.players);
    const action = world.random.pick(
      ACTIONS.flatMap((each) => Array.from({ length: each.weight }, () => each)),
    );
    const does = await action.prepare(sim, person);
    await ask(sim, person, action.name, does);
  });
}

/** The administrator gives credit and sets prices; the organizer closes a round. */
export function govern(sim: Simulation): void {
  const { world, base } = sim;
  const admin: Person = { ...base.organizer, actor: { ...base.organizer.actor, role: "admin" } };
  for (const { team } of base.players) {
    const give = (credits: number) =>
      ask(sim, admin, `grants ${team.slug} ${credits} credits`, async (ctx) => {
        const amount = credits * 1_000_000 + world.random.int(3);
        return JSON.stringify(await grantCredits(ctx, { team: team.slug, amount, memo: "a grant" }));
      });
    world.after(world.between(1, 300), () => give(world.random.pick([1, 3, 20, 20])));
    if (world.oneIn(3)) world.after(world.between(20_000, 90_000), () => give(world.between(1, 5)));
  }
  if (world.oneIn(2)) {
    const prices = {
      gpu_minute: world.random.pick([1_000_000, 333_333]),
      gpu_minute_by_model: {},
      cpu_minute: world.random.pick([0, 77_777]),
      thousand_calls: 0,
      gib_month: 0,
    };
    world.after(world.between(1, 60_000), () =>
      ask(sim, admin, "sets prices", async (ctx) => JSON.stringify(await setPrices(ctx, prices))),
    );
  }
  if (world.oneIn(2))
    world.after(world.between(40_000, 120_000), () =>
      ask(sim, base.organizer, "closes the first round", closes(sim)),
    );
}

const closes =
  (sim: Simulation): Action =>
  async (ctx) => {
    const { round } = await roundOfOrganizer(ctx, sim.base.competition, "round-1");
    await inTransaction(ctx, (tx) => closeRound(ctx, tx, round.id));
    return round.id;
  };

/**
 * A request by HTTP, with an Idempotency-Key. Who gets no answer asks again with the same key, a
 * few times, perhaps another hub.
 */
async function ask(sim: Simulation, person: Person, what: string, work: Action): Promise<void> {
  const { world } = sim;
  const who = person.team.slug;
  const key = `${what} ${world.random.int(2 ** 30)}`;
  const idempotency = { actor: person.actor.userId, key, fingerprint: what };
  let isAnswered = false;
  const once = async (time: number): Promise<void> => {
    if (isAnswered || time > 4) return;
    const hub = sim.anyHub();
    world.after(world.between(8_000, 20_000), () => once(time + 1));
    if (!hub || (sim.faults.has("loss") && world.oneIn(8))) return;
    const ctx = { ...hub.as(person.actor), idempotency };
    try {
      const answer = await work(ctx, person);
      if (sim.faults.has("loss") && world.oneIn(8)) return;
      isAnswered = true;
      world.tell(who, `${what}: ${answer}`);
    } catch (error) {
      if (isInjected(error)) return;
      isAnswered = true;
      if (error instanceof DomainError) world.tell(who, `${what}: refused, ${error.code}`);
      else world.violate(`${who} ${what}: ${describe(error)}`);
    }
  };
  await once(1);
}
