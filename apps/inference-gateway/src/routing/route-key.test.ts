import { expect, test } from "bun:test";
import { Binding, type Puller } from "../batching/binding.ts";
import { systemClock } from "../clock.ts";
import { sha256 } from "../hash.ts";
import { Pace } from "../replicas/pace.ts";
import { startTestBed } from "../testing/test-gateway.ts";
import { KEY, REPLICA_TOKEN, testBinding, testId, testTable } from "../testing/test-table.ts";
import { chooseBinding } from "./choose-binding.ts";

const ready: Puller = {
  tokenSha256: "",
  takesWork: true,
  takesStreams: true,
  pace: new Pace(),
  inFlight: 0,
  send: () => {},
  drain: () => {},
};

function bindingsOf(...weights: number[]) {
  return weights.map((weight, index) => {
    const binding = new Binding(testId("bnd", index + 1), testId("end", 1), systemClock);
    binding.version = index + 1;
    binding.weight = weight;
    binding.replicas.add(ready);
    return binding;
  });
}
const never = () => {
  throw new Error("a key leaves nothing to chance");
};
const choices = (...weights: number[]) => {
  const bindings = bindingsOf(...weights);
  return Array.from({ length: 4_000 }, (_, n) => chooseBinding(bindings, never, `key ${n}`)?.version ?? 0);
};

test("keys are spread as the weights say, and every gateway makes the same choice", () => {
  const [chosen, elsewhere] = [choices(75, 25), choices(75, 25)];
  expect(elsewhere).toEqual(chosen);
  const second = chosen.filter((version) => version === 2).length / chosen.length;
  expect(Math.abs(second - 0.25)).toBeLessThan(0.03);
});

test("when a share grows, keys move to it alone", () => {
  const [before, after] = [choices(57, 38, 5), choices(45, 30, 25)];
  for (const [index, version] of before.entries()) if (after[index] !== version) expect(after[index]).toBe(3);
  expect(after.filter((version) => version === 3).length).toBeGreaterThan(800);
});

test("calls with one X-Podium-Route-Key go to one version, also while shares are even", async () => {
  const bindings = [testBinding(1), testBinding(2, { replica_sha256: [sha256("prt_two")] })];
  await using bed = await startTestBed(testTable({ bindings }));
  await bed.replica({ token: REPLICA_TOKEN, infer: () => ({ status: 200, body: "1" }) });
  await bed.replica({ binding: 2, attempt: 2, token: "prt_two", infer: () => ({ status: 200, body: "2" }) });
  const ask = async (key: string) => {
    const headers = { "x-api-key": KEY, "x-podium-route-key": key };
    return (await bed.post("/model-1", "0", headers)).text();
  };
  const seen = new Set<string>();
  for (let user = 0; user < 20; user += 1) {
    const answers = new Set(await Promise.all(Array.from({ length: 5 }, () => ask(`user ${user}`))));
    expect(answers.size).toBe(1);
    for (const answer of answers) seen.add(answer);
  }
  expect([...seen].sort()).toEqual(["1", "2"]);
});
