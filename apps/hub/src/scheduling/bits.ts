/** A set of small whole numbers, a bit each: what is in it is found 32 at a time. */
export class Bits {
  private readonly words: number[] = [];

  has(member: number): boolean {
    return (((this.words[member >>> 5] ?? 0) >>> (member & 31)) & 1) === 1;
  }

  add(member: number): void {
    const at = member >>> 5;
    while (this.words.length <= at) this.words.push(0);
    this.words[at] = (this.words[at] as number) | (1 << (member & 31));
  }

  delete(member: number): void {
    const at = member >>> 5;
    if (at < this.words.length) this.words[at] = (this.words[at] as number) & ~(1 << (member & 31));
  }

  /** The least member that is `from` or more; −1: none. */
  next(from: number): number {
    const { words } = this;
    let at = from >>> 5;
    if (at >= words.length) return -1;
    let word = (words[at] as number) & (-1 << (from & 31));
    while (word === 0) {
      at += 1;
      if (at >= words.length) return -1;
      word = words[at] as number;
    }
    return 32 * at + 31 - Math.clz32(word & -word);
  }

  clear(): void {
    this.words.length = 0;
  }

  /** Becomes the union of those. */
  become(others: readonly Bits[]): void {
    this.clear();
    for (const { words } of others)
      for (let at = 0; at < words.length; at++) {
        if (this.words.length <= at) this.words.push(0);
        this.words[at] = (this.words[at] as number) | (words[at] as number);
      }
  }

  /** Keeps what that has too. */
  keep({ words }: Bits): void {
    for (let at = 0; at < this.words.length; at++)
      this.words[at] = (this.words[at] as number) & (words[at] ?? 0);
  }

  /** 32 members in a word, the first those below 32. */
  wordAt(at: number): number {
    return this.words[at] ?? 0;
  }
}
