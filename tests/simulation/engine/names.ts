const ID = /\b(?:nod|ses|att|sub|tem|rnd|hld|evt|dev)_[0-9a-f]{32}\b/g;

/** Short names for ids, in the order in which they turn up: a story is read with `ses-3`, not with 32 digits. */
export class Names {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  of(id: string): string {
    const known = this.#known.get(id);
    if (known) return known;
    const kind = id.slice(0, 3);
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    const name = `${kind}-${number}`;
    this.#known.set(id, name);
    return name;
  }

  /** The same text with short names in it. */
  in(text: string): string {
    return text.replace(ID, (id) => this.of(id));
  }
}
