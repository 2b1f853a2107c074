import type { Id, SessionKind, SpoolRecord } from "@podium/shared";
import type { Actor, Context } from "../../apps/hub/src/platform/context.ts";
import type { Subscriber } from "../../apps/hub/src/platform/subscribers.ts";
import type { Socket } from "../../apps/hub/src/sessions/node-links.ts";
import type { Gate, OneConnection } from "../../apps/hub/src/testing/one-connection.ts";
import type { storeRecords } from "../../apps/hub/src/tracking/store-records.ts";
import type { Script } from "./actors/script.ts";
import type { Base } from "./base.ts";
import type { World } from "./engine/world.ts";
import type { FaultKind } from "./faults/kinds.ts";

// What actors know of one another. They are put together in simulation.ts.

/** What may happen to a hub at one of its next statements. */
export interface Trap {
  how: "dies" | "loses its connection" | "dies after the commit" | "does not hear of the commit";
  /** so many statements from now; for those of a commit, it is the next commit after them */
  statements: number;
}

/** The database server that all hubs share. */
export interface Server {
  isDown: boolean;
  isFull: boolean;
}

export interface Hub {
  readonly name: string;
  readonly ctx: Context;
  readonly gate: { trap: Trap | null };
  readonly isDead: boolean;
  /** how far its clock is from the true time */
  offsetMs: number;
  as(actor: Actor): Context;
  /** A node connects. */
  open(nodeId: string, socket: Socket): { receive(text: string): Promise<void>; close(): void };
  hear(event: unknown): void;
  die(when: string): Promise<void>;
}

/** A runner, as its machine and the world around it know it. */
export interface Runner {
  readonly link: { hubDied(hub: Hub): void };
  onExit(attemptId: string): void;
  die(): void;
}

/** A bug that the simulation plants, to show that it finds it: switched on by its argument alone. */
export interface Planted {
  name: string;
  /** What a statement is answered in the database's stead; nothing: the database answers. */
  statement?(
    text: string,
    values: readonly unknown[],
    connection: OneConnection,
  ): ReturnType<Gate["statement"]>;
  storeRecords?: typeof storeRecords;
}

/** One seed's world, as everybody in it sees it. */
export interface Stage {
  readonly world: World;
  readonly connection: OneConnection;
  readonly base: Base;
  readonly server: Server;
  readonly planted: Planted | null;
  /** what may go wrong in this seed; empty once it shall settle */
  readonly faults: ReadonlySet<FaultKind>;
  readonly network: { isCut(node: string): boolean; delayMs(): number; loses(): boolean };
  readonly queue: { add(jobs: readonly { id: string; name: string; data: unknown }[]): void };
  readonly subscribers: readonly Subscriber[];
  /** those that are up */
  readonly hubs: readonly Hub[];
  /** one of them; null: none is up */
  anyHub(): Hub | null;
  hubDied(hub: Hub): void;
  notify(payload: string): void;
  /** What the code of a session does, the same wherever it is run. */
  scriptOf(session: { id: string; kind: SessionKind }): Script;
  /** A node posts records to a hub. @returns what the hub has stored. Throws what the hub answers. */
  storeRecords(
    hub: Hub,
    node: { id: Id<"node"> },
    attempt: { attempt_id: string; epoch: number },
    records: readonly SpoolRecord[],
  ): Promise<number>;
}
