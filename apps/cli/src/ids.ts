/** A key under which the hub does a write once, however often it is sent. */
export const newIdempotencyKey = (): string => crypto.randomUUID();
