import { createIds, eventSchema, type PodiumEvent } from "@podium/shared";
import { z } from "zod";
import type { Actor, Context } from "../../../apps/hub/src/platform/context.ts";
import { holdLease } from "../../../apps/hub/src/platform/leader.ts";
import { relayEvents } from "../../../apps/hub/src/platform/outbox.ts";
import { jobsFor } from "../../../apps/hub/src/platform/subscribers.ts";
import { schedulerTurn } from "../../../apps/hub/src/scheduler-turn.ts";
import { describeServing, replicaReported } from "../../../apps/hub/src/serving/index.ts";
import { createNodeLinks, type NodeLinks } from "../../../apps/hub/src/sessions/index.ts";
import type { NodeLink } from "../../../apps/hub/src/sessions/node-links.ts";
import { describe } from "../engine/world.ts";
import { isInjected } from "../faults/injected.ts";
import type { Hub, Stage } from "../stage.ts";
import { FaultyGate } from "./database-faults.ts";

/** Longer than in earnest, for fewer turns; what counts is that a turn comes well within both. */
const TURN_MS = 8_500;
const LEADER_TTL_MS = 18_000;
const RELAY_MS = 15_000;
const AFTER_FAULT_MS = 500;
/** Hubs compare their clocks with the database's so often. */
const COMPARE_MS = 60_000;
const AGREED_MS = 900;

const LEASE_MS = 20_000;
/** Short enough that some are given up at the very moment at which a node would have taken them. */
const INFER_WAIT_MS = 30_000;

/** A loop of the hub: works, waits, and is rung out of waiting. */
interface Loop {
  runs: boolean;
  rung: boolean;
  token: number;
}

interface InOrder {
  isBusy: boolean;
  last: Promise<unknown> | null;
}
interface Door {
  link: NodeLink;
  inOrder: InOrder;
}

/** One life of a hub: it knows nothing of the one before, and dies for good. */
export class SimHub implements Hub {
  readonly ctx: Context;
  readonly links: NodeLinks;
  readonly gate: FaultyGate;
  /** how far its clock is from the true time */
  offsetMs: number;
  isDead = false;
  /** nodes that are connected */
  readonly #doors = new Map<string, Door>();
  readonly #scheduler: Loop = { runs: false, rung: false, token: 0 };
  readonly #relay: Loop = { runs: false, rung: false, token: 0 };
  readonly #turn: ReturnType<typeof schedulerTurn>;

  constructor(
    private readonly sim: Stage,
    readonly name: string,
  ) {
    const { world } = sim;
    this.offsetMs = sim.faults.has("skew") ? world.between(-AGREED_MS, AGREED_MS) : 0;
    this.gate = new FaultyGate({
      world,
      server: sim.server,
      isDead: () => this.isDead,
      die: () => this.die("in the middle of its work"),
      waitOneIn: () => (sim.faults.has("slow") ? 8 : 0),
      heard: (payload) => sim.notify(payload),
      instead: async (text, values) => sim.planted?.statement?.(text, values, sim.connection),
    });
    this.ctx = contextOf(sim, this);
    this.links = createNodeLinks(this.ctx, describeServing, { replica: replicaReported });
    this.#turn = schedulerTurn(this.ctx);
    world.tell(name, "starts");
    this.#again(this.#scheduler, world.between(0, TURN_MS), () => this.#lead());
    this.#again(this.#relay, world.between(0, RELAY_MS), () => this.#move());
    world.after(COMPARE_MS, () => this.#compare());
  }

  as(actor: Actor): Context {
    return { ...this.ctx, actor };
  }

  async die(when: string): Promise<void> {
    if (this.isDead) return;
    this.isDead = true;
    this.sim.world.tell(this.name, `dies ${when}`);
    await this.sim.connection.abandon();
    this.sim.hubDied(this);
  }

  /** Hears of an event right after the commit that made it. */
  hear(event: PodiumEvent): void {
    const { world } = this.sim;
    world.after(world.between(1, 200), async () => {
      if (this.isDead) return;
      if (world.oneIn(this.sim.hubs.length)) this.#ring(this.#relay, () => this.#move());
      if (["session.queued", "session.ended", "node.changed"].includes(event.type))
        this.#ring(this.#scheduler, () => this.#lead());
    });
    world.after(world.between(1, 30), async () => {
      const door = "node_id" in event && event.node_id ? this.#doors.get(event.node_id) : undefined;
      if (!this.isDead && door) await handleInOrder(door.inOrder, () => this.links.react(event));
    });
  }

  /** A node connects. What it says is handled one after the other, also after what an older connection still has to do. */
  open(nodeId: string, socket: Parameters<NodeLinks["open"]>[1]) {
    const link = this.links.open(nodeId, socket);
    const door: Door = { link, inOrder: this.#doors.get(nodeId)?.inOrder ?? { isBusy: false, last: null } };
    this.#doors.set(nodeId, door);
    return {
      receive: (text: string) => handleInOrder(door.inOrder, () => link.receive(text)),
      close: () => {
        if (this.#doors.get(nodeId) === door) this.#doors.delete(nodeId);
        link.close();
      },
    };
  }

  async #lead(): Promise<void> {
    const leadership = await holdLease(this.ctx.db, "scheduler", this.name, LEADER_TTL_MS);
    if (leadership) await this.#turn(leadership);
  }

  async #move(): Promise<void> {
    await relayEvents(this.ctx, async (batch) => {
      for (const jobs of jobsFor(this.sim.subscribers, batch).values()) this.sim.queue.add(jobs);
    });
  }

  /** Does work again and again, as the hub's loops do: a ring during the pause ends it, one during work shortens the next. */
  #again(loop: Loop, delayMs: number, work: () => Promise<void>): void {
    const token = ++loop.token;
    this.sim.world.after(delayMs, async () => {
      if (this.isDead || token !== loop.token) return;
      loop.runs = true;
      let next = loop === this.#scheduler ? TURN_MS : RELAY_MS;
      try {
        await work();
      } catch (error) {
        if (!isInjected(error)) this.sim.world.violate(`${this.name}: ${describe(error)}`);
        next = AFTER_FAULT_MS;
      }
      loop.runs = false;
      if (loop.rung) next = 0;
      loop.rung = false;
      this.#again(loop, next, work);
    });
  }

  #ring(loop: Loop, work: () => Promise<void>): void {
    if (loop.runs) loop.rung = true;
    else this.#again(loop, 0, work);
  }

  #compare(): void {
    if (this.isDead) return;
    if (Math.abs(this.offsetMs) > AGREED_MS) {
      this.offsetMs = 0;
      this.sim.world.tell(this.name, "goes by the database's time again");
    }
    this.sim.world.after(COMPARE_MS, () => this.#compare());
  }
}

/** What comes while something is handled is left to whoever handles that; this resolves when nothing is left. */
async function handleInOrder(order: InOrder, work: () => Promise<void>): Promise<void> {
  order.last = Promise.all([order.last, work()]);
  if (order.isBusy) return;
  order.isBusy = true;
  for (let last: InOrder["last"] = null; last !== order.last; ) {
    last = order.last;
    await last;
  }
  order.isBusy = false;
}

const notice = z.object({ id: z.string(), event: eventSchema });

/** What a notification says. */
export const readNotice = (payload: string): PodiumEvent => notice.parse(JSON.parse(payload)).event;

function contextOf(sim: Stage, hub: SimHub): Context {
  const { world } = sim;
  const clock = { now: () => new Date(world.nowMs + hub.offsetMs) };
  const said = (level: string) => (what: { err?: unknown }, text: string) => {
    const { err, ...about } = what;
    world.tell(hub.name, `${level}: ${text} ${JSON.stringify(about)} ${err ? describe(err) : ""}`);
    if (level === "error" && err && !isInjected(err) && !hub.isDead)
      world.violate(`${hub.name}: ${text}: ${describe(err)}`);
  };
  const log = { info: said("notes"), debug: () => undefined, warn: said("warns"), error: said("error") };
  return {
    actor: { kind: "system" },
    db: sim.connection.db(hub.gate),
    clock,
    ids: createIds(
      () => clock.now().getTime(),
      () => Math.floor(world.random.next() * 2 ** 32),
    ),
    blobs: sim.base.blobs,
    log: log as unknown as Context["log"],
    settings: {
      publicUrl: "http://podium.test",
      secret: "0123456789abcdef0123456789abcdef",
      leaseMs: LEASE_MS,
      inferWaitMs: INFER_WAIT_MS,
      localFolder: sim.base.localFolder,
    },
  };
}
