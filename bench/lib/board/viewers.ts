/** Many who watch a board, on bare sockets: each is told when its stream has brought a text. */
export interface Viewers {
  count: number;
  /** Milliseconds from now until each viewer has read the text; those that have not within `atMostMs` are left out. */
  until(text: string, atMostMs: number): Promise<number[]>;
  close(): void;
}

interface Seat {
  rest: string;
  heard: ((text: string) => void) | null;
}

/** Opens `count` event streams, some at a time. */
export async function openViewers(url: string, path: string, token: string, count: number): Promise<Viewers> {
  const { hostname, port } = new URL(url);
  const request = `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`;
  const sockets: Bun.Socket<Seat>[] = [];
  const decoder = new TextDecoder();
  const open = () =>
    new Promise<void>((resolve, reject) => {
      Bun.connect<Seat>({
        hostname,
        port: Number(port),
        data: { rest: "", heard: null },
        socket: {
          open: (socket) => {
            socket.write(request);
          },
          data: ({ data: seat }, bytes) => {
            // A page comes in several pieces; what is looked for may lie across two of them.
            seat.rest = (seat.rest + decoder.decode(bytes)).slice(-40_000);
            if (seat.rest.includes("event: open")) resolve();
            seat.heard?.(seat.rest);
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
          seat.heard = (rest) => {
            if (!rest.includes(text)) return;
            seat.heard = null;
            seat.rest = "";
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
