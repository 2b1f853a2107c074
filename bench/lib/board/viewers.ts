/** Many who watch a board, on bare sockets: each is told when its stream has brought a text. */
export interface Viewers {
  count: number;
  /** Milliseconds from now until each viewer has read the text; those that have not within `atMostMs` are left out. */
  until(text: string, atMostMs: number): Promise<number[]>;
  close(): void;
}

interface Seat {
  /** The end of what came before: what is looked for may lie across two pieces. */
  tail: Buffer;
  opened: boolean;
  heard: ((bytes: Buffer) => void) | null;
}

/** Longer than any text that is looked for. */
const TAIL_BYTES = 64;
const NOTHING = Buffer.alloc(0);

/** Opens `count` event streams, some at a time. */
export async function openViewers(url: string, path: string, token: string, count: number): Promise<Viewers> {
  const { hostname, port } = new URL(url);
  const request = `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`;
  const sockets: Bun.Socket<Seat>[] = [];
  const open = () =>
    new Promise<void>((resolve, reject) => {
      Bun.connect<Seat>({
        hostname,
        port: Number(port),
        data: { tail: NOTHING, opened: false, heard: null },
        socket: {
          open: (socket) => {
            socket.write(request);
          },
          // The measured hub shares the machine with its 5,000 viewers: each piece is looked through once, as bytes.
          data: ({ data: seat }, piece) => {
            const bytes = seat.tail.length > 0 ? Buffer.concat([seat.tail, piece]) : Buffer.from(piece);
            seat.tail = Buffer.from(bytes.subarray(-TAIL_BYTES));
            if (seat.opened) seat.heard?.(bytes);
            else if (bytes.includes("event: open")) {
              seat.opened = true;
              resolve();
            }
          },
          error: (_, error) => reject(error),
        },
      }).then((socket) => sockets.push(socket), reject);
    });
  for (let opened = 0; opened < count; opened += 100)
    await Promise.all(Array.from({ length: Math.min(100, count - opened) }, open));
  return {
    count,
    until(text, atMostMs) {
      const started = performance.now();
      const delays: number[] = [];
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          for (const { data } of sockets) data.heard = null;
          resolve(delays);
        };
        const timer = setTimeout(end, atMostMs);
        for (const { data: seat } of sockets)
          seat.heard = (bytes) => {
            if (!bytes.includes(text)) return;
            seat.heard = null;
            delays.push(performance.now() - started);
            if (delays.length === sockets.length) end();
          };
      });
    },
    close: () => {
      for (const socket of sockets) socket.end();
    },
  };
}
