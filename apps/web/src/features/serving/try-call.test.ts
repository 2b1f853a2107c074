import { expect, test } from "bun:test";
import { notJson, tryCall } from "./try-call.ts";

test("a body is looked at before it is sent", () => {
  expect(notJson('{"x": [1, null]}')).toBeNull();
  expect(notJson("{x: 1}")).toBeString();
});

test("a call is sent with its key, and all of the answer is told, also of one that failed", async () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) =>
      new Response(`${request.headers.get("authorization")} ${await request.text()}`, {
        status: 422,
        headers: { "server-timing": "queue;dur=1", "x-request-id": "7" },
      }),
  });
  const url = `http://127.0.0.1:${server.port}/model`;
  expect(await tryCall(url, "pdk_1", "[1]")).toEqual({
    status: 422,
    timing: "queue;dur=1",
    requestId: "7",
    body: "Bearer pdk_1 [1]",
  });
  expect((await tryCall(url, "", "1")).body).toBe("null 1");
  await server.stop(true);
});
