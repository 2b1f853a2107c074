import { readStreamControl, type StreamControl } from "@podium/shared";
import type { Cli } from "./cli.ts";
import { credentials } from "./config.ts";
import { CliError } from "./errors.ts";

export interface StreamEvents {
  /** Bytes to show; resolves when they are shown. */
  onData(bytes: Uint8Array): Promise<void>;
}

/** The person's end of a stream: bytes to the session, bytes from it, until the other side ends it. */
export class PersonStream {
  /** The exit code of what ran; a `CliError` when the stream broke off. */
  readonly ended: Promise<number>;
  readonly #socket: WebSocket;
  /** What was typed before there was anybody to read it; null from then on. */
  #early: (() => void)[] | null = [];

  constructor(cli: Cli, id: string, events: StreamEvents) {
    const { url, token } = credentials(cli.env);
    // Bun's second argument may hold headers; the type knows protocols only.
    const options = { headers: { Authorization: `Bearer ${token}` } } as unknown as string[];
    this.#socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/v1/streams/${id}/connect`, options);
    this.#socket.binaryType = "arraybuffer";
    this.ended = new Promise((resolve, reject) => {
      let showing = Promise.resolve();
      this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) {
          showing = showing.then(() => events.onData(new Uint8Array(data)));
          void showing.then(() => this.#control({ type: "ack", bytes: data.byteLength }));
          return;
        }
        this.#begin();
        const message = readStreamControl(String(data));
        if (message?.type !== "exit") return;
        const { code, message: why } = message;
        void showing.then(() => (why === null ? resolve(code ?? 1) : reject(new CliError(why))));
      };
      this.#socket.onclose = () =>
        void showing.then(() => reject(new CliError("The connection to the session broke. It goes on.")));
    });
  }

  write(bytes: Uint8Array) {
    this.#send(() => this.#socket.send(bytes as Uint8Array<ArrayBuffer>));
  }

  resize(cols: number, rows: number) {
    this.#control({ type: "resize", cols, rows });
  }

  close() {
    this.#socket.close();
  }

  #control(message: StreamControl) {
    this.#send(() => this.#socket.send(JSON.stringify(message)));
  }

  /** The first message says that the session's side is there. */
  #begin() {
    const early = this.#early ?? [];
    this.#early = null;
    for (const send of early) send();
  }

  #send(send: () => void) {
    if (this.#early) this.#early.push(send);
    else if (this.#socket.readyState === WebSocket.OPEN) send();
  }
}

/** Writes bytes to standard output and waits until they are out. */
export function toStdout(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(bytes, () => resolve());
  });
}
