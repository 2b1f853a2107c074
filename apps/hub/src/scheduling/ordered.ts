/** So many are skipped before the list is made anew without them. */
const MANY_GONE = 64;

/** Items in an order, of which the first is asked for again and again; what is gone meanwhile is skipped. */
export class Ordered<Item> {
  private items: Item[] = [];
  private from = 0;

  constructor(
    private readonly compare: (a: Item, b: Item) => number,
    private readonly isGone: (item: Item) => boolean,
  ) {}

  /** Most items come in order, which costs nothing. */
  add(item: Item): void {
    let [low, high] = [this.from, this.items.length];
    const last = this.items.at(-1);
    if (last === undefined || this.compare(last, item) <= 0) low = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.items[middle] as Item, item) <= 0) low = middle + 1;
      else high = middle;
    }
    if (low === this.items.length) this.items.push(item);
    else this.items.splice(low, 0, item);
  }

  /** The first that is not gone. */
  first(): Item | null {
    for (; this.from < this.items.length; this.from++) {
      const item = this.items[this.from] as Item;
      if (!this.isGone(item)) return item;
    }
    this.items = [];
    this.from = 0;
    return null;
  }

  /** The first that is not gone and is wanted. */
  find(isWanted: (item: Item) => boolean): Item | null {
    if (this.first() === null) return null;
    let gone = 0;
    for (let at = this.from; at < this.items.length; at++) {
      const item = this.items[at] as Item;
      if (this.isGone(item)) gone += 1;
      else if (isWanted(item)) {
        if (gone > MANY_GONE) this.compact();
        return item;
      }
    }
    if (gone > MANY_GONE) this.compact();
    return null;
  }

  private compact(): void {
    this.items = this.items.slice(this.from).filter((item) => !this.isGone(item));
    this.from = 0;
  }
}
