/** How the answer to a call travels that is wanted piece by piece; the call's own end then says only how it ended. */
export class Streaming {
  /** pieces that came: a call that has some can't be given to another replica */
  pieces = 0;
  /** tells the replica that holds the call that nobody waits any more */
  onLeave: () => void = () => {};

  /**
   * @param sink gets each piece, as JSON
   * @param patienceMs how long the first piece, and then each further one, may take
   */
  constructor(
    private readonly sink: (json: Uint8Array) => void,
    readonly patienceMs: number,
  ) {}

  take(json: Uint8Array) {
    this.pieces += 1;
    this.sink(json);
  }
}
