import { Bits } from "./bits.ts";
import { lackOfKind } from "./fit.ts";
import type { Room } from "./room.ts";
import { kindKey, type Shape } from "./shape.ts";

/**
 * Says which of many shapes a node has room for without asking each of them: those of one kind (see `kindKey`) lack the
 * same devices, and what there is of CPUs and of memory is enough for all that ask for less.
 */
export class ShapeTable {
  private readonly kinds: { shape: Shape; members: Bits }[] = [];
  private readonly kindAt = new Map<string, number>();
  private readonly cpus = new Steps();
  private readonly memories = new Steps();
  private readonly fitting = new Bits();

  /** @param number  what the shape is called in `fittingOn` */
  add(shape: Shape, number: number): void {
    const key = kindKey(shape);
    let at = this.kindAt.get(key);
    if (at === undefined) {
      at = this.kinds.push({ shape, members: new Bits() }) - 1;
      this.kindAt.set(key, at);
    }
    this.kinds[at]?.members.add(number);
    this.cpus.add(shape.cpuMilli, number);
    this.memories.add(shape.memoryBytes, number);
  }

  /** The numbers of the shapes of which the node can take one part now; valid until it is asked again. */
  fittingOn(room: Room): Bits {
    const kinds: Bits[] = [];
    for (const { shape, members } of this.kinds) if (lackOfKind(room, shape) === null) kinds.push(members);
    this.fitting.become(kinds);
    this.fitting.keep(this.cpus.upTo(room.freeCpuMilli));
    this.fitting.keep(this.memories.upTo(room.freeMemoryBytes));
    return this.fitting;
  }

  clear(): void {
    this.kinds.length = 0;
    this.kindAt.clear();
    this.cpus.clear();
    this.memories.clear();
  }
}

const NONE = new Bits();

/** Numbers by an amount: for each amount that occurs, all those whose amount is not more. */
class Steps {
  private readonly steps: { amount: number; members: Bits }[] = [];

  add(amount: number, number: number): void {
    const at = this.after(amount);
    const below = this.steps[at - 1];
    if (below?.amount !== amount) {
      const members = new Bits();
      if (below) members.become([below.members]);
      this.steps.splice(at, 0, { amount, members });
    }
    for (const step of this.steps) if (step.amount >= amount) step.members.add(number);
  }

  upTo(amount: number): Bits {
    return this.steps[this.after(amount) - 1]?.members ?? NONE;
  }

  clear(): void {
    this.steps.length = 0;
  }

  /** Where the first step is that is more. */
  private after(amount: number): number {
    let [low, high] = [0, this.steps.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.steps[middle] as { amount: number }).amount <= amount) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
