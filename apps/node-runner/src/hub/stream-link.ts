import { readStreamControl, STREAM_MESSAGE_BYTES, type StreamControl } from "@podium/shared";
import { dialWebSocket } from "./web-socket.ts";

/** Behind a balancer several hubs share an address, and people wait at one of them. */
const TRIES = 12;
const AGAIN_MS = 250;
const NOBODY_HERE = 4404;

/** The runner's end of a stream. */
export class StreamLink {
  onData: (bytes: Uint8Array) => void = () => {};
  onControl: (message: StreamControl) => void = () => {};
  onClose: () => void = () => {};

  constructor(private readonly socket: WebSocket) {
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) return this.onData(new Uint8Array(data));
      const message = readStreamControl(String(data));
      if (message) this.onControl(message);
    };
    socket.onclose = () => this.onClose();
  }

  get isClosed() {
    return this.socket.readyState !== WebSocket.OPEN;
  }

  send(bytes: Uint8Array) {
    for (let start = 0; start < bytes.byteLength && !this.isClosed; start += STREAM_MESSAGE_BYTES)
      this.socket.send(bytes.slice(start, start + STREAM_MESSAGE_BYTES) as Uint8Array<ArrayBuffer>);
  }

  exit(code: number | null, message: string | null) {
    if (!this.isClosed)
      this.socket.send(JSON.stringify({ type: "exit", code, message } satisfies StreamControl));
  }

  close() {
    this.socket.close(1000);
  }
}

/** Dials in for somebody who waits at a hub of this address; null when nobody does. */
export async function dialStream(
  hubUrl: string,
  nodeToken: string,
  streamId: string,
): Promise<StreamLink | null> {
  const url = `${hubUrl.replace(/^http/, "ws")}/api/v1/runner/streams/${streamId}`;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await Bun.sleep(AGAIN_MS);
    const socket = dialWebSocket(url, nodeToken);
    const closedWith = await opened(socket);
    if (closedWith === null) return new StreamLink(socket);
    if (closedWith !== NOBODY_HERE && closedWith !== 0) return null;
  }
  return null;
}

/** Null when the other side takes it, else what it was closed with; 0 when it was never open. */
function opened(socket: WebSocket): Promise<number | null> {
  return new Promise((resolve) => {
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      // A hub at which nobody waits closes at once; one that takes it says so.
    };
    socket.onmessage = () => resolve(null);
    socket.onclose = ({ code }) => resolve(wasOpen ? code : 0);
    socket.onerror = () => {};
  });
}
