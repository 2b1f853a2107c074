import type { ServerWebSocket } from "bun";

/** Bytes of one message of a long frame: so much the socket's own buffer takes at once, and nothing is copied to wait. */
const MESSAGE_BYTES = 256 * 1024;
/** More waits for a replica only when it has ceased to read. */
const MAX_WAITING_BYTES = 512 * 1024 * 1024;

type Socket = Pick<ServerWebSocket<unknown>, "sendBinary" | "getBufferedAmount">;

/** What goes to one replica, in order. Long frames wait here, as views of the bodies, until the connection has room. */
export class Outgoing {
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(private readonly socket: Socket) {}

  /** False when the connection is gone or hopelessly behind. */
  send(message: Uint8Array): boolean {
    if (this.#waiting.length === 0) return this.socket.sendBinary(message) !== 0;
    return this.#wait(message);
  }

  /** One frame in several messages. False as `send`. */
  sendPieces(pieces: readonly Uint8Array[]): boolean {
    for (const piece of pieces)
      for (let start = 0; start < piece.byteLength; start += MESSAGE_BYTES)
        if (!this.#wait(piece.subarray(start, start + MESSAGE_BYTES))) return false;
    return this.flush();
  }

  /** Sends what the connection has room for; to be called again when it has drained. False as `send`. */
  flush(): boolean {
    let sent = 0;
    while (sent < this.#waiting.length && this.socket.getBufferedAmount() === 0) {
      const message = this.#waiting[sent] as Uint8Array;
      if (this.socket.sendBinary(message) === 0) return false;
      this.#waitingBytes -= message.byteLength;
      sent += 1;
    }
    this.#waiting.splice(0, sent);
    return true;
  }

  #wait(message: Uint8Array): boolean {
    this.#waiting.push(message);
    this.#waitingBytes += message.byteLength;
    return this.#waitingBytes <= MAX_WAITING_BYTES;
  }
}
