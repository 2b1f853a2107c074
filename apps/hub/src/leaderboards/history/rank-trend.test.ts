import { expect, test } from "bun:test";
import { compareKeys } from "@podium/shared/boards/board-rule";
import { seeded } from "../../testing/random.ts";
import { type Heard, rankTrend } from "./rank-trend.ts";

const heard = (entrantId: string, key: number, at: number): Heard => ({
  id: `${entrantId}${at}`,
  entrantId,
  submittedAt: new Date(at),
  sortKeys: [key],
});

test("a rank is the one right after a submission was scored: others pass, and are passed", () => {
  const all = [heard("a", 5, 1), heard("b", 3, 2), heard("a", 4, 3), heard("c", 1, 4), heard("a", 2, 5)];
  expect([...rankTrend("best", all, "a")]).toEqual([
    ["a1", 1],
    ["a3", 2],
    ["a5", 2],
  ]);
});

test.each(["best", "last"] as const)(
  "with %s it is the rank of the board made anew at each moment",
  (counts) => {
    const random = seeded(5);
    const all: Heard[] = [];
    for (let n = 0; n < 400; n++) {
      const at = counts === "last" ? n : random.int(90);
      all.push({ ...heard(random.pick(["a", "b", "c", "d", "e"]), random.int(9), at), id: String(n) });
    }
    const ranks = rankTrend(counts, all, "a");
    for (const [index, each] of all.entries()) {
      if (each.entrantId !== "a") continue;
      const groups = Map.groupBy(all.slice(0, index + 1), ({ entrantId }) => entrantId);
      const standing = [...groups.values()].flatMap((its) => {
        const sorted =
          counts === "last"
            ? its.toSorted((x, y) => y.submittedAt.getTime() - x.submittedAt.getTime())
            : its.toSorted((x, y) => compareKeys(x.sortKeys, y.sortKeys));
        return sorted.slice(0, 1);
      });
      const mine = standing.find(({ entrantId }) => entrantId === "a");
      const better = standing.filter((other) => compareKeys(other.sortKeys, mine?.sortKeys ?? []) < 0);
      expect(ranks.get(each.id)).toBe(1 + better.length);
    }
  },
);
