import { DomainError } from "@podium/shared";

/** What a caller may leave unread: one that is slower than its model loses the connection, not the gateway its memory. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
const encoder = new TextEncoder();

/** Server-sent events, as the body of an answer. */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** resolves with the first event: until then the answer may still become an error with a status of its own */
  readonly begun: Promise<void>;
  hasBegun = false;
  bytes = 0;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #begin: () => void = () => {};

  /** @param leave called when the caller has gone, or does not read */
  constructor(private readonly leave: (why: DomainError) => void) {
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          this.#controller = null;
          this.leave(notRead());
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES }),
    );
  }

  /** @param data without line breaks @param event its kind; default: none, as for a client that knows no kinds */
  send(data: string, event?: string) {
    const controller = this.#controller;
    if (!controller) return;
    const bytes = encoder.encode(`${event ? `event: ${event}\n` : ""}data: ${data}\n\n`);
    controller.enqueue(bytes);
    this.bytes += bytes.byteLength;
    this.hasBegun = true;
    this.#begin();
    if ((controller.desiredSize ?? 1) > 0) return;
    this.#controller = null;
    controller.error(notRead());
    this.leave(notRead());
  }

  close() {
    this.#controller?.close();
    this.#controller = null;
  }
}

const notRead = () => new DomainError("timeout", "The caller has gone, or does not read the answer.");
