import { expect, test } from "bun:test";
import { startTestBed } from "../testing/test-gateway.ts";
import { KEY, testTable } from "../testing/test-table.ts";

const SHOP = "https://shop.test";
const ask = (url: string, path: string, origin: string) =>
  fetch(url + path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    },
  });

test("a page of an allowed origin may ask without a key, call with one, and read the answer; others may not", async () => {
  await using bed = await startTestBed(testTable({ cors_origins: [SHOP] }));
  await bed.replica();
  for (const path of [
    "/model-1",
    "/v2/models/model-1/infer",
    "/v1/models/model-1:predict",
    "/model-1/jobs/x",
  ]) {
    const allowed = await ask(bed.gateway.url, path, SHOP);
    expect([path, allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([
      path,
      204,
      SHOP,
    ]);
    expect(allowed.headers.get("access-control-allow-headers")).toContain("authorization");
    const refused = await ask(bed.gateway.url, path, "https://evil.test");
    expect([path, refused.headers.get("access-control-allow-origin")]).toEqual([path, null]);
  }
  const call = (origin: string, more = {}) =>
    bed.post("/model-1", "1", { authorization: `Bearer ${KEY}`, origin, ...more });
  const answered = await call(SHOP);
  expect([answered.status, answered.headers.get("access-control-allow-origin")]).toEqual([200, SHOP]);
  expect(answered.headers.get("vary")).toContain("origin");
  // Also what is refused can be read, or the page could not tell why.
  const refused = await bed.post("/v2/models/model-1/infer", "1", { origin: SHOP });
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, SHOP]);
  for (const origin of ["https://evil.test", "https://shop.test.evil.test", "http://shop.test", "null"])
    expect((await call(origin)).headers.get("access-control-allow-origin")).toBeNull();
});

test("no answer ever asks for a browser's credentials, also where every origin may call", async () => {
  await using bed = await startTestBed(testTable({ cors_origins: ["*"], public: true }));
  await bed.replica();
  const headers = { origin: "https://anywhere.test", cookie: "session=1" };
  for (const answer of [
    await bed.post("/model-1", "1", headers),
    await ask(bed.gateway.url, "/model-1", "https://anywhere.test"),
  ]) {
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  }
});

test("an endpoint without origins, and a path that is none's, allow nothing", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  for (const path of ["/model-1", "/nope", "/metrics", "/"])
    expect((await ask(bed.gateway.url, path, SHOP)).headers.get("access-control-allow-origin")).toBeNull();
  const answered = await bed.post("/model-1", "1", { authorization: `Bearer ${KEY}`, origin: SHOP });
  expect(answered.headers.get("access-control-allow-origin")).toBeNull();
});

test("the hub's own pages may call every endpoint, with a key like everybody, and read what it was answered", async () => {
  await using bed = await startTestBed();
  await bed.replica();
  const PODIUM = "https://podium.test";
  bed.hub.news = { gateways: [], quotas: [], pages: [PODIUM] };
  const allowed = async () =>
    (await ask(bed.gateway.url, "/model-1", PODIUM)).headers.get("access-control-allow-origin");
  while ((await allowed()) === null) await Bun.sleep(50);
  const answered = await bed.post("/model-1", "1", { authorization: `Bearer ${KEY}`, origin: PODIUM });
  expect([answered.status, answered.headers.get("access-control-allow-origin")]).toEqual([200, PODIUM]);
  expect(answered.headers.get("access-control-allow-credentials")).toBeNull();
  expect(answered.headers.get("access-control-expose-headers")).toContain("x-request-id");
  const refused = await bed.post("/model-1", "1", { origin: PODIUM });
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, PODIUM]);
  expect(
    (await ask(bed.gateway.url, "/model-1", SHOP)).headers.get("access-control-allow-origin"),
  ).toBeNull();
});
