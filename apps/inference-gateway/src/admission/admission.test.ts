import { expect, test } from "bun:test";
import { sha256 } from "../hash.ts";
import { startTestBed } from "../testing/test-gateway.ts";
import { KEY, testEndpoint, testId, testTable } from "../testing/test-table.ts";

test("a private endpoint answers a valid key, in either header, and nobody else", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  const status = async (headers: Record<string, string>) => (await bed.post("/model-1", "1", headers)).status;

  expect(await status({ authorization: `Bearer ${KEY}` })).toBe(200);
  expect(await status({ authorization: `bearer  ${KEY}` })).toBe(200);
  expect(await status({ "x-api-key": KEY })).toBe(200);
  expect(await status({ authorization: "Basic YTpi", "x-api-key": KEY })).toBe(200);
  for (const wrong of [
    {},
    { authorization: KEY },
    { authorization: "Bearer pdk_other" },
    { "x-api-key": `Bearer ${KEY}` },
  ]) {
    expect(await status(wrong as Record<string, string>)).toBe(401);
  }
  const refused = await bed.post("/model-1", "1", {});
  expect(refused.headers.get("www-authenticate")).toBe("Bearer");
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(await refused.json()).toMatchObject({ code: "unauthenticated", status: 401 });
});

test("a key of one endpoint does not open another, nor its metadata", async () => {
  const other = testEndpoint(2, { keys: [], bindings: [] });
  await using bed = await startTestBed({ version: 1, endpoints: [...testTable().endpoints, other] });
  expect((await bed.post("/model-2", "1")).status).toBe(401);
  for (const path of ["/v2/models/model-2", "/v2/models/model-2/ready", "/v1/models/model-2"]) {
    expect((await bed.get(path)).status).toBe(401);
  }
});

test("a public endpoint answers anybody", async () => {
  await using bed = await startTestBed(testTable({ public: true, keys: [] }));
  await bed.replica();
  expect((await bed.post("/model-1", "1", {})).status).toBe(200);
  expect((await bed.post("/model-1", "1", { authorization: "Bearer nonsense" })).status).toBe(200);
});

test("an expired key is refused; a revoked one from the next table on", async () => {
  const keys = [
    { id: testId("key", 1), sha256: sha256(KEY), expires_at: "2020-01-01T00:00:00Z" },
    { id: testId("key", 2), sha256: sha256("pdk_good"), expires_at: "2999-01-01T00:00:00Z" },
  ];
  await using bed = await startTestBed(testTable({ keys }));
  await bed.replica();
  const good = { authorization: "Bearer pdk_good" };
  const expired = await bed.post("/model-1", "1");
  expect([expired.status, (await expired.json()).detail]).toEqual([401, expect.stringContaining("expired")]);
  expect((await bed.post("/model-1", "1", good)).status).toBe(200);

  bed.hub.publish((table) => {
    table.endpoints[0]?.keys.pop();
  });
  let status = 200;
  while (status === 200) status = (await bed.post("/model-1", "1", good)).status;
  expect(status).toBe(401);
});

test("a body above the endpoint's limit is 413, declared or chunked, and just below it passes", async () => {
  await using bed = await startTestBed(testTable({ max_body_bytes: 1_000 }));
  await bed.replica();
  const chunked = (bytes: number) => {
    const pieces = Array.from({ length: bytes / 100 }, () => new Uint8Array(100).fill(0x31));
    return fetch(`${bed.gateway.url}/model-1`, {
      method: "POST",
      headers: { "x-api-key": KEY },
      body: new ReadableStream({
        pull(controller) {
          const piece = pieces.pop();
          if (piece) controller.enqueue(piece);
          else controller.close();
        },
      }),
    });
  };
  const tooLarge = await bed.post("/model-1", "1".repeat(1_001));
  expect(tooLarge.status).toBe(413);
  expect(await tooLarge.json()).toMatchObject({
    code: "payload_too_large",
    details: { max_body_bytes: 1_000 },
  });
  expect((await chunked(1_100)).status).toBe(413);
  expect((await bed.post("/model-1", "1".repeat(1_000))).status).toBe(200);
  const passed = await chunked(1_000);
  expect([passed.status, await passed.text()]).toEqual([200, "1".repeat(1_000)]);
});

test("an endpoint that does not exist is 404 with a problem document", async () => {
  await using bed = await startTestBed();
  for (const response of [await bed.post("/nope", "1"), await bed.get("/model-1"), await bed.get("/a/b/c")]) {
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "not_found", type: "/problems/not_found" });
  }
});
