import { KEY } from "./test-table.ts";

export interface RawAnswer {
  status: number;
  body: string;
}

/**
 * One `POST` on a connection of its own: `fetch` holds back what is above 256 at once.
 * @param leaveAfterMs the caller hangs up then; the answer is null
 */
export function rawPost(
  url: string,
  path: string,
  body: string,
  leaveAfterMs?: number,
): Promise<RawAnswer | null> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer | null>();
  const length = Buffer.byteLength(body);
  let received = "";
  void Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open(socket) {
        socket.write(`POST ${path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${KEY}\r\n`);
        socket.write(`Content-Length: ${length}\r\n\r\n${body}`);
        if (leaveAfterMs !== undefined) setTimeout(() => socket.terminate(), leaveAfterMs);
      },
      data(socket, bytes) {
        received += bytes.toString("utf8");
        const answer = wholeAnswer(received);
        if (!answer) return;
        resolve(answer);
        socket.end();
      },
      close: () =>
        leaveAfterMs === undefined ? reject(new Error(`closed after: ${received}`)) : resolve(null),
      error: (_socket, error) => reject(error),
    },
  }).catch(reject);
  return promise;
}

function wholeAnswer(text: string): RawAnswer | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  const body = text.slice(end + 4);
  return body.length < length ? null : { status: Number(text.slice(9, 12)), body };
}
