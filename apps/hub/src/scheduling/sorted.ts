/** A list that stays in order. An item is looked for by what it is compared by, which must not change while it is in. */
export class Sorted<Item> {
  private readonly list: Item[] = [];

  constructor(private readonly isBefore: (a: Item, b: Item) => boolean) {}

  get items(): readonly Item[] {
    return this.list;
  }

  add(item: Item): void {
    this.list.splice(this.placeOf(item), 0, item);
  }

  delete(item: Item): void {
    const at = this.placeOf(item);
    if (this.list[at] === item) this.list.splice(at, 1);
  }

  private placeOf(item: Item): number {
    let [low, high] = [0, this.list.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBefore(this.list[middle] as Item, item)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
