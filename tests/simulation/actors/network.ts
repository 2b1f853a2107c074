import type { Stage } from "../stage.ts";

/** Who can't reach whom, and how long things take. */
export class Network {
  /** names of nodes that reach no hub */
  readonly #cutOff = new Set<string>();

  constructor(private readonly sim: Stage) {}

  cut(node: string): void {
    if (!this.#cutOff.has(node)) this.sim.world.tell("network", `${node} is cut off`);
    this.#cutOff.add(node);
  }

  heal(node?: string): void {
    for (const each of node ? [node] : [...this.#cutOff])
      if (this.#cutOff.delete(each)) this.sim.world.tell("network", `${each} is reached again`);
  }

  isCut(node: string): boolean {
    return this.#cutOff.has(node);
  }

  delayMs(): number {
    const { world, faults } = this.sim;
    return faults.has("slow") && world.oneIn(15) ? world.between(500, 6_000) : world.between(1, 60);
  }

  /** True: this message is lost, though nothing is cut off. */
  loses(): boolean {
    return this.sim.faults.has("loss") && this.sim.world.oneIn(12);
  }
}
