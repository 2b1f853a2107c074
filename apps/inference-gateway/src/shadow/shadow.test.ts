import { expect, test } from "bun:test";
import { sha256 } from "../hash.ts";
import { startTestBed, type TestBed, until } from "../testing/test-gateway.ts";
import { KEY, testBinding, testId, testTable } from "../testing/test-table.ts";

const TOKEN = "prt_shadow";
const withShadow = (percent: number) =>
  testTable({
    bindings: [
      testBinding(1),
      testBinding(2, { weight: 0, replica_sha256: [sha256(TOKEN)], shadow: { percent, tolerance: 0.01 } }),
    ],
  });
const reported = (bed: TestBed, n: number) =>
  [...bed.hub.versions].find(([key]) => key.endsWith(testId("bnd", n)))?.[1];

async function untilReported(bed: TestBed, n: number, copies: number) {
  await until(() => {
    const shadow = reported(bed, n)?.shadow;
    return (shadow?.compared ?? 0) + (shadow?.dropped ?? 0) >= copies;
  });
  return reported(bed, n);
}

test("a shadow gets copies, callers get the other's answers, and the hub is told how they compare", async () => {
  await using bed = await startTestBed(withShadow(100));
  await bed.replica({ infer: () => ({ status: 200, body: "[1]" }) });
  let copies = 0;
  await bed.replica({
    binding: 2,
    attempt: 2,
    token: TOKEN,
    infer: () => {
      copies += 1;
      if (copies === 2) return { status: 422, body: '{"error":"no"}' };
      return { status: 200, body: copies === 1 ? "[1.001]" : "[3]" };
    },
  });
  for (let call = 1; call <= 3; call += 1) {
    expect(await (await bed.post("/model-1", "[0]")).text()).toBe("[1]");
    await until(() => copies === call);
    await Bun.sleep(20); // comparisons rest between one another
  }
  const figures = await untilReported(bed, 2, 3);
  expect(figures).toMatchObject({
    calls: 0,
    errors: 0,
    shadow: { compared: 3, agreed: 1, failed: 1, max_difference: 2 },
  });
  expect(figures?.shadow?.worst).toMatchObject([{ where: "[0]", difference: 2 }]);
  await until(() => reported(bed, 1)?.calls === 3);
  expect(reported(bed, 1)).toMatchObject({ errors: 0 });
  await until(() => bed.hub.calls(testId("end", 1)) === 3);
});

test("a shadow that hangs, dies or is not there delays nobody, and what it can't take is dropped", async () => {
  await using bed = await startTestBed(withShadow(100));
  await bed.replica();
  const post = async (times: number) => {
    const answers = await Promise.all(Array.from({ length: times }, () => bed.post("/model-1", "[7]")));
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([200, "[7]"]);
  };
  await post(10);
  expect((await untilReported(bed, 2, 10))?.shadow).toMatchObject({ compared: 0, dropped: 10 });
  const hangs = await bed.replica({
    binding: 2,
    attempt: 2,
    token: TOKEN,
    onBatch: () => new Promise(() => {}),
  });
  for (let round = 0; round < 4; round += 1) await post(50);
  hangs.kill();
  await post(10);
});

test("a share of the calls is copied, those that name the shadow's version are not, and it never answers others", async () => {
  let turn = 0;
  // Each call asks twice: which version, and whether it is copied.
  await using bed = await startTestBed(withShadow(50), () => (turn++ % 4) / 4);
  await bed.replica();
  const shadow = await bed.replica({ binding: 2, attempt: 2, token: TOKEN });
  for (let call = 0; call < 40; call += 1) await bed.post("/model-1", "[1]");
  const named = await fetch(`${bed.gateway.url}/v2/models/model-1/versions/2/infer`, {
    method: "POST",
    headers: { "x-api-key": KEY },
    body: JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [1, 2] }] }),
  });
  expect(named.status).not.toBe(404);
  const figures = await untilReported(bed, 2, 20);
  expect((figures?.shadow?.compared ?? 0) + (figures?.shadow?.dropped ?? 0)).toBe(20);
  expect(shadow.batches.length).toBeGreaterThan(0);
});
