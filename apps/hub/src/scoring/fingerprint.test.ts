import { describe, expect, test } from "bun:test";
import { sketchSimilarity } from "./fingerprint.ts";
import { csvOf, fourRows, seededRandom, shuffled, testFolder } from "./tables/test-files.ts";
import { doubles, npyOf } from "./tables/test-formats.ts";

const { write } = testFolder();
const { score } = fourRows(write);

describe("a fingerprint", () => {
  const random = seededRandom(31);
  const truth = Array.from({ length: 3_000 }, (_, id) => [id, random() * 100] as const);
  const labelsPath = write(csvOf("y", truth));
  const of = async (predictionsPath: string) => {
    const result = await score({ labelsPath, predictionsPath, fingerprint: true });
    return result.fingerprint ?? { digest: "", sketch: "" };
  };
  const mine = truth.map(([id, y]) => [id, Math.round(y * 8 + random() * 40) / 8] as const);

  test("is the same for the same numbers in another order, spelling and format, and another for one changed", async () => {
    const first = await of(write(csvOf("prediction", mine)));
    const spelled = mine.map(([id, value]) => [id, value.toFixed(6)] as const);
    expect(await of(write(csvOf("prediction", shuffled(spelled, random))))).toEqual(first);
    const array = npyOf("'<f8'", "(3000,)", doubles(...mine.map(([, value]) => value)));
    expect(await of(write(array, ".npy"))).toEqual(first);
    const changed = mine.map(([id, value]) => [id, id === 7 ? value + 1 : value] as const);
    expect((await of(write(csvOf("prediction", changed)))).digest).not.toBe(first.digest);
  });

  test("is near for predictions that were shaken a little, and far for another's", async () => {
    const first = await of(write(csvOf("prediction", mine)));
    const shaken = await of(
      write(
        csvOf(
          "prediction",
          mine.map(([id, value]) => [id, value + (random() - 0.5) * 0.01]),
        ),
      ),
    );
    const other = await of(
      write(
        csvOf(
          "prediction",
          truth.map(([id]) => [id, random() * 100]),
        ),
      ),
    );
    expect(shaken.digest).not.toBe(first.digest);
    expect(sketchSimilarity(first.sketch, first.sketch)).toBe(1);
    expect(sketchSimilarity(first.sketch, shaken.sketch)).toBeGreaterThan(0.8);
    expect(sketchSimilarity(first.sketch, other.sketch)).toBeLessThan(0.2);
  });
});
