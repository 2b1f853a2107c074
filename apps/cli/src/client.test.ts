import { afterAll, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { createApi, ok } from "./client.ts";

/** What the server was sent, request by request; the first connection is cut before an answer. */
const requests: string[] = [];
const server = createServer((socket: Socket) => {
  socket.once("data", (data) => {
    requests.push(String(data));
    if (requests.length === 1) return socket.destroy();
    const body = requests.at(-1)?.startsWith("POST /api/v1/competitions/gone/")
      ? {
          type: "/problems/not_found",
          title: "not found",
          status: 404,
          code: "not_found",
          detail: "There is no such competition.",
        }
      : { id: "a".repeat(64), size: 0 };
    const text = JSON.stringify(body);
    const status = "status" in body ? "404 Not Found" : "201 Created";
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
    );
  });
});
const { promise, resolve } = Promise.withResolvers<string>();
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  resolve(typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "");
});
afterAll(() => {
  server.close();
});

const keyOf = (request: string | undefined) => /^idempotency-key: (.+)$/im.exec(request ?? "")?.[1];

test("a write whose answer got lost is sent again with the same key and body", async () => {
  const api = createApi(await promise, { token: "t" });
  const tree = await ok(api.POST("/api/v1/trees", { body: { entries: [] } }));
  expect(tree.size).toBe(0);
  expect(requests).toHaveLength(2);
  expect(keyOf(requests[0])).toBeString();
  expect(keyOf(requests[1])).toBe(keyOf(requests[0]) ?? "none");
  expect(requests[1]).toEndWith('{"entries":[]}');
});

test("two writes have different keys, and a refusal is one line that says what is wrong", async () => {
  const api = createApi(await promise, { token: "t" });
  const joined = ok(
    api.POST("/api/v1/competitions/{name}/entrants", { params: { path: { name: "gone" } }, body: {} }),
  );
  await expect(joined).rejects.toThrow("There is no such competition.");
  expect(keyOf(requests[2])).toBeString();
  expect(keyOf(requests[2])).not.toBe(keyOf(requests[1]) ?? "none");
});
