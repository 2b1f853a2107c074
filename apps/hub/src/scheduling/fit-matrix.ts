import type { Bits } from "./bits.ts";

/**
 * Which shapes nodes have room for: a bit for each of them, both by their numbers. What is asked again and again about
 * many nodes lies side by side, a column of words for every 32 shapes.
 */
export class FitMatrix {
  private columns: Int32Array[] = [];
  private nodes = 0;

  has(node: number, shape: number): boolean {
    return (((this.columns[shape >>> 5]?.[node] ?? 0) >>> (shape & 31)) & 1) === 1;
  }

  add(node: number, shape: number): void {
    this.grow(shape);
    const column = this.columns[shape >>> 5] as Int32Array;
    column[node] = (column[node] as number) | (1 << (shape & 31));
  }

  /** The node has room for those from now on; tells for which it has come to have room, or has none any more. */
  set(node: number, shapes: Bits, tell: (shape: number, isIn: boolean) => void): void {
    for (let at = 0; at < this.columns.length; at++) {
      const column = this.columns[at] as Int32Array;
      const was = column[node] as number;
      const is = shapes.wordAt(at);
      column[node] = is;
      for (let left = was ^ is; left !== 0; left &= left - 1) {
        const bit = left & -left;
        tell(32 * at + 31 - Math.clz32(bit), (is & bit) !== 0);
      }
    }
  }

  /** The words with the shape's bits, by the numbers of nodes. */
  columnOf(shape: number): Int32Array {
    this.grow(shape);
    return this.columns[shape >>> 5] as Int32Array;
  }

  /** Forgets everything; from now on there are so many nodes. */
  reset(nodes: number): void {
    this.columns = [];
    this.nodes = nodes;
  }

  /** Makes room for shapes up to this one. */
  grow(shape: number): void {
    while (this.columns.length <= shape >>> 5) this.columns.push(new Int32Array(this.nodes));
  }
}
