/** What a caller's own id may look like: it goes into logs and back into a header. */
const ACCEPTED = /^[\x21-\x7e]{1,128}$/;

/** Ids of requests: the caller's own `X-Request-Id`, or one of ours. */
export class RequestIds {
  #made = 0;

  /** @param prefix unlike that of any other start of any gateway */
  constructor(private readonly prefix: string) {}

  of(headers: Headers): string {
    const given = headers.get("x-request-id");
    if (given !== null && ACCEPTED.test(given)) return given;
    this.#made += 1;
    return `${this.prefix}-${this.#made.toString(36)}`;
  }
}
