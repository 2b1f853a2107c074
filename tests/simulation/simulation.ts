import { DomainError, type Id, type SessionKind, type SpoolRecord } from "@podium/shared";
import type { Subscriber } from "../../apps/hub/src/platform/subscribers.ts";
import type { Scorer } from "../../apps/hub/src/scoring/index.ts";
import { subscriptions } from "../../apps/hub/src/subscriptions.ts";
import { noSenders } from "../../apps/hub/src/testing/no-senders.ts";
import type { OneConnection } from "../../apps/hub/src/testing/one-connection.ts";
import { storeRecords } from "../../apps/hub/src/tracking/store-records.ts";
import { readNotice, SimHub } from "./actors/hub.ts";
import { Machine } from "./actors/machine.ts";
import { Network } from "./actors/network.ts";
import { SimQueue } from "./actors/queue.ts";
import { SimRunner } from "./actors/runner.ts";
import { type Script, writeScript } from "./actors/script.ts";
import { type Base, makeBase } from "./base.ts";
import { describe, World } from "./engine/world.ts";
import { Injected, isInjected } from "./faults/injected.ts";
import type { FaultKind } from "./faults/kinds.ts";
import type { Hub, Planted, Server, Stage } from "./stage.ts";

/** What seeds share: a database with the base in it. */
export interface Ground {
  connection: OneConnection;
  base: Base;
}

export async function makeGround(connection: OneConnection): Promise<Ground> {
  return { connection, base: await makeBase(connection) };
}

/** One seed's hubs, machines and people, with what is between them. */
export class Simulation implements Stage {
  readonly world: World;
  readonly connection: OneConnection;
  readonly base: Base;
  readonly network: Network = new Network(this);
  readonly queue: SimQueue = new SimQueue(this);
  readonly subscribers: Subscriber[];
  readonly server: Server = { isDown: false, isFull: false };
  readonly hubs: Hub[] = [];
  readonly machines: Machine[] = [];
  /** what may go wrong in this seed; empty once it shall settle */
  readonly faults: Set<FaultKind>;
  readonly #scripts = new Map<string, Script>();
  #lives = 0;

  constructor(
    ground: Ground,
    seed: number,
    chooseFaults: (world: World) => Set<FaultKind>,
    readonly planted: Planted | null,
  ) {
    this.world = new World(seed);
    this.connection = ground.connection;
    this.base = ground.base;
    this.faults = chooseFaults(this.world);
    this.subscribers = subscriptions(this.#scorer(), noSenders);
  }

  startHubs(): void {
    for (let n = this.world.random.pick([1, 2, 2, 3]); n > 0; n--) this.addHub();
  }

  startMachines(): void {
    const { world } = this;
    const count = world.random.pick([1, 1, 2, 3]);
    for (const node of this.base.nodes.slice(0, count)) {
      const machine = new Machine(this, node, world.between(0, 2), (its) => new SimRunner(its));
      if (this.faults.has("skew")) machine.offsetMs = world.between(-3_600_000, 3_600_000);
      this.machines.push(machine);
      machine.startRunner();
    }
  }

  addHub(): void {
    this.hubs.push(new SimHub(this, `hub-${++this.#lives}`));
  }

  hubDied(hub: Hub): void {
    this.hubs.splice(this.hubs.indexOf(hub), 1);
    for (const { runner } of this.machines) runner?.link.hubDied(hub);
  }

  anyHub(): Hub | null {
    return this.hubs.length === 0 ? null : this.world.random.pick(this.hubs);
  }

  /** Every hub hears of an event, unless its connection for that has just broken. */
  notify(payload: string): void {
    const event = readNotice(payload);
    const { type, ...ids } = event;
    this.world.tell("event", `${type} ${Object.values(ids).join(" ")}`);
    for (const hub of this.hubs) if (!this.faults.has("deaf") || !this.world.oneIn(4)) hub.hear(event);
  }

  /** What the code of a session does, the same wherever it is run. */
  scriptOf({ id, kind }: { id: string; kind: SessionKind }): Script {
    const known = this.#scripts.get(id);
    if (known) return known;
    const script = writeScript(this.world, kind);
    this.#scripts.set(id, script);
    return script;
  }

  /** A node posts records to a hub. @returns what the hub has stored. Throws what the hub answers. */
  async storeRecords(
    hub: Hub,
    node: { id: Id<"node"> },
    { attempt_id: attemptId, epoch }: { attempt_id: string; epoch: number },
    records: readonly SpoolRecord[],
  ): Promise<number> {
    const store = this.planted?.storeRecords ?? storeRecords;
    const ctx = hub.as({ kind: "node", nodeId: node.id });
    try {
      const stored = await store(ctx, attemptId, epoch, records);
      this.world.tell(hub.name, `has ${stored} records of ${attemptId}`);
      return stored;
    } catch (error) {
      if (!isInjected(error) && !(error instanceof DomainError))
        this.world.violate(`${hub.name}: records of ${attemptId}: ${describe(error)}`);
      throw error;
    }
  }

  /** Scores without looking at files: they are not what this is about. */
  #scorer(): Scorer {
    return {
      score: async () => {
        if (this.faults.has("scorer") && this.world.oneIn(3))
          throw this.world.oneIn(3)
            ? new DomainError("invalid_predictions", "The file has no ids.")
            : new Injected("the scorer died");
        return { scores: { score: this.world.random.int(100) }, rows: 1 };
      },
    };
  }
}
