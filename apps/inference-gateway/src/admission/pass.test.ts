import { expect, test } from "bun:test";
import { sha256 } from "../hash.ts";
import { startTestBed } from "../testing/test-gateway.ts";
import { KEY, testBinding, testId, testTable } from "../testing/test-table.ts";
import { callerAddress } from "./caller-address.ts";

const key = (change: object) => ({ id: testId("key", 1), sha256: sha256(KEY), expires_at: null, ...change });

test("a key opens what its scopes say: 403 for the rest, with what it is for", async () => {
  const metadata = { ...key({ scopes: ["metadata"] }), id: testId("key", 2), sha256: sha256("pdk_look") };
  await using bed = await startTestBed(testTable({ keys: [key({ scopes: ["infer"] }), metadata] }));
  await bed.replica();
  const look = { authorization: "Bearer pdk_look" };
  expect((await bed.post("/model-1", "1")).status).toBe(200);
  expect((await bed.get("/v2/models/model-1")).status).toBe(403);
  expect((await bed.get("/v2/models/model-1", look)).status).toBe(200);
  const refused = await bed.post("/model-1", "1", look);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("for metadata only") });
  const job = await bed.post("/model-1", "1", { authorization: `Bearer ${KEY}`, prefer: "respond-async" });
  expect(job.status).toBe(403);
});

test("a key for one version must name it, and calls no other", async () => {
  const bindings = [testBinding(1), testBinding(2, { replica_sha256: [] })];
  await using bed = await startTestBed(testTable({ bindings, keys: [key({ versions: [1] })] }));
  await bed.replica();
  const body = { inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }] };
  const status = async (path: string) => (await bed.post(path, body)).status;
  expect(await status("/v2/models/model-1/versions/1/infer")).not.toBe(403);
  expect(await status("/v2/models/model-1/versions/2/infer")).toBe(403);
  expect(await status("/v2/models/model-1/infer")).toBe(403);
  expect(await status("/model-1")).toBe(403);
});

test("the endpoint of a team without credit is refused with 402, but only to who may call it", async () => {
  await using bed = await startTestBed(testTable({ out_of_credit: true }));
  await bed.replica();
  const refused = await bed.post("/model-1", "1");
  expect(refused.status).toBe(402);
  expect(await refused.json()).toMatchObject({ code: "insufficient_credits" });
  expect((await bed.post("/model-1", "1", {})).status).toBe(401);
  expect((await bed.get("/v2/models/model-1")).status).toBe(200);
});

test("a header of many kilobytes is refused and does no harm", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  const huge = await bed
    .post("/model-1", "1", { authorization: `Bearer ${"k".repeat(1_000_000)}` })
    .catch(() => null);
  expect(huge === null || huge.status >= 400).toBe(true);
  expect((await bed.post("/model-1", "1")).status).toBe(200);
});

test("a proxy that is trusted is seen through, and what stands before an untrusted address is a caller's own tale", () => {
  const addressOf = callerAddress(["10.0.0.0/8", "fd00::/8"]);
  for (const [peer, forwarded, address] of [
    ["192.0.2.1", null, "192.0.2.1"],
    ["192.0.2.1", "198.51.100.1", "192.0.2.1"],
    ["10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["10.0.0.1", "127.0.0.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    ["10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"],
    ["10.0.0.1", `${"1.1.1.1, ".repeat(1_000)}10.0.0.9`, "1.1.1.1"],
    ["fd00::1", "2001:db8::5", "2001:db8::5"],
  ] as const)
    expect([peer, forwarded, addressOf(peer, forwarded)]).toEqual([peer, forwarded, address]);
  for (const wrong of ["10.0.0.0/33", "example.org", "10.0.0.0/8x", "::/129"])
    expect(() => callerAddress([wrong])).toThrow(wrong);
});
