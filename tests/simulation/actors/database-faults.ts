import type { Gate } from "../../../apps/hub/src/testing/one-connection.ts";
import type { World } from "../engine/world.ts";
import { Injected } from "../faults/injected.ts";
import type { Server, Trap } from "../stage.ts";

const WRITES = /^\s*(insert|update|delete|with)/i;

export interface GateOwner {
  world: World;
  server: Server;
  isDead(): boolean;
  /** ends the process at once */
  die(): Promise<void>;
  /** one in so many transactions is preceded by a wait; 0: none */
  waitOneIn(): number;
  heard(payload: string): void;
  /** rows in the database's stead: a planted fault */
  instead: Gate["statement"];
}

/** The connection of a hub that may be slow, break, or be cut off by the hub's death at any statement. */
export class FaultyGate implements Gate {
  trap: Trap | null = null;

  constructor(private readonly owner: GateOwner) {}

  async enter(): Promise<void> {
    const { world } = this.owner;
    const oneIn = this.owner.waitOneIn();
    if (this.owner.isDead()) return world.turns.never();
    if (oneIn === 0 || !world.oneIn(oneIn)) return;
    await world.pause(world.oneIn(8) ? world.between(2_000, 25_000) : world.between(1, 900));
    if (this.owner.isDead()) return world.turns.never();
  }

  async statement(text: string, values: readonly unknown[]) {
    const { server } = this.owner;
    if (this.owner.isDead()) return this.owner.world.turns.never();
    if (server.isDown) throw new Injected("terminating connection due to administrator command");
    if (server.isFull && WRITES.test(text))
      throw new Injected("could not extend file: No space left on device");
    const { trap } = this;
    if (trap && --trap.statements <= 0 && !trap.how.includes("commit")) {
      this.trap = null;
      if (trap.how === "loses its connection") throw new Injected("Connection terminated unexpectedly");
      await this.owner.die();
      return this.owner.world.turns.never();
    }
    return this.owner.instead(text, values);
  }

  async committed(): Promise<void> {
    const { trap } = this;
    if (!trap || trap.statements > 0 || !trap.how.includes("commit")) return;
    this.trap = null;
    if (trap.how === "does not hear of the commit") throw new Injected("Connection terminated unexpectedly");
    await this.owner.die();
    return this.owner.world.turns.never();
  }

  notified(payload: string): void {
    this.owner.heard(payload);
  }
}
