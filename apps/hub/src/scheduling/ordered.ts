/** Items in an order, of which the first is asked for again and again; what is gone meanwhile is skipped. */
export class Ordered<Item extends { isGone: boolean }> {
  private items: Item[] = [];
  private from = 0;

  constructor(private readonly isBefore: (a: Item, b: Item) => boolean) {}

  /** Most items come in order, which costs nothing. */
  add(item: Item): void {
    let [low, high] = [this.from, this.items.length];
    const last = this.items.at(-1);
    if (last === undefined || !this.isBefore(item, last)) low = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (!this.isBefore(item, this.items[middle] as Item)) low = middle + 1;
      else high = middle;
    }
    if (low === this.items.length) this.items.push(item);
    else this.items.splice(low, 0, item);
  }

  /** The first that is not gone. */
  first(): Item | null {
    for (; this.from < this.items.length; this.from++) {
      const item = this.items[this.from] as Item;
      if (item.isGone) continue;
      // What is gone would otherwise be kept for as long as something waits.
      if (this.from > 32 && 2 * this.from > this.items.length) this.items.splice(0, this.from);
      if (this.items[0] === item) this.from = 0;
      return item;
    }
    this.items = [];
    this.from = 0;
    return null;
  }
}
