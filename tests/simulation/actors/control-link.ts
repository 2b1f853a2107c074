import {
  type AttemptReport,
  type HubMessage,
  type NodeCapacity,
  nodeUsageSchema,
  RUNNER_PROTOCOL,
  type RunnerMessage,
} from "@podium/shared";
import type { Hub, Stage } from "../stage.ts";

const NOTHING_USED = nodeUsageSchema.parse({
  cpu_share: 0,
  memory_bytes: 0,
  disk_free_bytes: 0,
  devices: [],
});

/** Less often than in earnest, for fewer messages; what counts is that several go into a lease. */
const HEARTBEAT_MS = 9_000;
const GATHER_MS = 150;
const SILENCE_MS = 20_000;
const LONGEST_BACKOFF_MS = 5_000;

export interface LinkOwner {
  node: { id: string; name: string };
  clockMs(): number;
  capacity(): NodeCapacity;
  attempts(): AttemptReport[];
  onSync(sync: Extract<HubMessage, { type: "sync" }>): void;
}

interface Connection {
  hub: Hub;
  receive(text: string): Promise<void>;
  close(): void;
  /** messages of one direction arrive in their order */
  lastUpMs: number;
  lastDownMs: number;
}

/**
 * A runner's end of its connection to a hub, by the rules of the real one (hub/control-link.ts): a heartbeat at a
 * steady pace and after every change, a new connection after silence. It ends with its runner.
 */
export class SimControlLink {
  #connection: Connection | null = null;
  #beatToken = 0;
  #gathering = false;
  #heardMs = 0;
  #fence: number | null = null;
  #backoffMs = 100;
  #closed = false;

  constructor(
    private readonly sim: Stage,
    private readonly owner: LinkOwner,
  ) {
    this.#dialAfter(sim.world.between(1, 300));
  }

  poke(): void {
    if (this.#gathering || this.#closed) return;
    this.#gathering = true;
    this.sim.world.after(GATHER_MS, () => {
      this.#gathering = false;
      this.#beat();
    });
  }

  /** Its machine or its runner is gone; what is under way may still arrive. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  /** The hub at its other end has died. */
  hubDied(hub: Hub): void {
    const connection = this.#connection;
    if (connection?.hub !== hub) return;
    this.sim.world.after(this.sim.world.between(1, 500), () => this.#lost(connection));
  }

  #beat(): void {
    if (this.#closed) return;
    const { world } = this.sim;
    const connection = this.#connection;
    if (connection) {
      this.#send(connection, {
        type: "heartbeat",
        sent_at: new Date(this.owner.clockMs()).toISOString(),
        attempts: this.owner.attempts(),
        fence: this.#fence,
        cached_trees: [],
        cached_environments: [],
        cached_images: [],
        usage: NOTHING_USED,
      });
      if (world.nowMs - this.#heardMs > SILENCE_MS) {
        world.tell(this.owner.node.name, `hears nothing of ${connection.hub.name}`);
        this.#drop();
        this.#redial();
      }
    }
    const token = ++this.#beatToken;
    world.after(HEARTBEAT_MS, () => {
      if (token === this.#beatToken) this.#beat();
    });
  }

  #redial(): void {
    this.#dialAfter(this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
  }

  #dialAfter(delayMs: number): void {
    this.sim.world.after(delayMs, () => {
      if (this.#closed || this.#connection) return;
      const hub = this.sim.anyHub();
      if (!hub || this.sim.network.isCut(this.owner.node.name)) return this.#redial();
      this.#open(hub);
    });
  }

  #open(hub: Hub): void {
    const { world } = this.sim;
    const connection: Connection = {
      hub,
      receive: async () => undefined,
      close: () => undefined,
      lastUpMs: 0,
      lastDownMs: 0,
    };
    const link = hub.open(this.owner.node.id, {
      send: (text) => this.#deliver(connection, text),
      close: () => world.after(this.sim.network.delayMs(), () => this.#lost(connection)),
    });
    connection.receive = (text) => link.receive(text);
    connection.close = () => link.close();
    this.#connection = connection;
    this.#heardMs = world.nowMs;
    this.#send(connection, {
      type: "hello",
      protocol: RUNNER_PROTOCOL,
      capacity: this.owner.capacity(),
      attempts: this.owner.attempts(),
      fence: this.#fence,
    });
    this.#beat();
  }

  #send(connection: Connection, message: RunnerMessage): void {
    const { world, network, faults } = this.sim;
    const { node } = this.owner;
    const text = JSON.stringify(message);
    const arrive = (patienceMs: number) => async () => {
      if (connection.hub.isDead) return;
      if (network.isCut(node.name)) {
        // What is under way when a cable is cut arrives late, or never.
        if (patienceMs > 0 && world.oneIn(2)) world.after(5_000, arrive(patienceMs - 5_000));
        return;
      }
      await connection.receive(text);
    };
    if (network.loses()) {
      this.#break(connection);
      return;
    }
    connection.lastUpMs = Math.max(connection.lastUpMs, world.nowMs + network.delayMs());
    world.after(connection.lastUpMs - world.nowMs, arrive(20_000));
    if (faults.has("repeated messages") && world.oneIn(6))
      world.after(connection.lastUpMs - world.nowMs + world.between(1, 8_000), arrive(0));
  }

  /** A connection loses nothing as long as it lives: what is lost takes it along. */
  #break(connection: Connection): void {
    const { world } = this.sim;
    world.tell(this.owner.node.name, `loses its connection to ${connection.hub.name}`);
    world.after(world.between(1, 3_000), () => this.#lost(connection));
  }

  #deliver(connection: Connection, text: string): void {
    const { world, network, faults } = this.sim;
    if (network.loses()) {
      this.#break(connection);
      return;
    }
    const arrive = () => {
      if (this.#closed || connection !== this.#connection || network.isCut(this.owner.node.name)) return;
      const message = JSON.parse(text) as HubMessage;
      this.#heardMs = world.nowMs;
      if (message.type === "refused")
        return world.violate(`${this.owner.node.name} is refused: ${message.message}`);
      this.#backoffMs = 100;
      this.owner.onSync(message);
      this.#hearFence(message.fence);
    };
    connection.lastDownMs = Math.max(connection.lastDownMs, world.nowMs + network.delayMs());
    world.after(connection.lastDownMs - world.nowMs, arrive);
    if (faults.has("repeated messages") && world.oneIn(6))
      world.after(connection.lastDownMs - world.nowMs, arrive);
  }

  #hearFence(fence: number | undefined): void {
    if (fence === undefined) return;
    const isNews = fence !== (this.#fence ?? 0);
    this.#fence = fence;
    if (isNews) this.poke();
  }

  #lost(connection: Connection): void {
    if (this.#closed || connection !== this.#connection) return;
    this.#drop();
    this.#redial();
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (!connection || connection.hub.isDead) return;
    const { world, network } = this.sim;
    world.after(network.delayMs(), () => connection.close());
  }
}
