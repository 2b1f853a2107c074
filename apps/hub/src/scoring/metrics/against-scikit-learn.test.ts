import { expect } from "bun:test";
import { join } from "node:path";
import { requires, testIf } from "../../../../../scripts/testing/requires.ts";
import { seededRandom } from "../tables/test-files.ts";
import { drawCase, SPECS, tableOf } from "./testing/cases.ts";
import { scoreOf } from "./testing/cells.ts";

const ROUNDS = 20;

testIf(
  "scikit-learn",
  "every metric that scikit-learn has gives its score to 1e-12, with ties, weights and several targets",
  async () => {
    const random = seededRandom(1_905);
    const cases = Array.from({ length: ROUNDS }, () =>
      SPECS.map((metric) => drawCase(metric, random)),
    ).flat();
    const expected = await scikitLearn(cases);
    const apart = cases.flatMap((one, at) => {
      const { metric, table } = tableOf(one);
      const [ours, theirs] = [scoreOf(metric, table), expected[at] as number];
      return Math.abs(ours - theirs) <= 1e-12 * Math.max(1, Math.abs(theirs))
        ? []
        : [{ metric, ours, theirs }];
    });
    expect(apart).toEqual([]);
    expect(expected.length).toBe(ROUNDS * SPECS.length);
  },
  120_000,
);

async function scikitLearn(cases: readonly object[]): Promise<number[]> {
  const script = join(import.meta.dir, "testing", "scikit_learn_scores.py");
  const python = Bun.spawn([requires("scikit-learn").path as string, script], {
    stdin: new Blob([JSON.stringify(cases)]),
    stderr: "inherit",
  });
  return (await new Response(python.stdout).json()) as number[];
}
