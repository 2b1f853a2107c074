export interface Entry {
  atMs: number;
  /** breaks ties: first come, first served */
  order: number;
  run: () => Promise<void>;
}

/** What is to happen, by its time: a binary heap. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #count = 0;

  get size(): number {
    return this.#heap.length;
  }

  add(atMs: number, run: () => Promise<void>): void {
    const entry = { atMs, order: this.#count++, run };
    let at = this.#heap.push(entry) - 1;
    for (; at > 0; ) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as Entry;
      if (isBefore(above, entry)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  next(): Entry | null {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (!first || !last) return null;
    if (first !== last) this.#sink(last);
    return first;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (!left) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(entry, child)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = entry;
  }
}

const isBefore = (a: Entry, b: Entry) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
