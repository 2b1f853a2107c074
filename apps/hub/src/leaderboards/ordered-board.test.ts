import { expect, test } from "bun:test";
import { compareKeys, compareRows } from "@podium/shared/boards/board-rule";
import { seeded } from "../testing/random.ts";
import { OrderedBoard } from "./ordered-board.ts";
import type { StoredRow } from "./store.ts";

const row = (entrantId: string, sortKeys: number[], at = 0): StoredRow => ({
  entrantId,
  team: `team-${entrantId}`,
  teamId: `tem_${entrantId}`,
  score: sortKeys[0] ?? 0,
  columns: {},
  sortKeys,
  submissions: 1,
  bestSubmissionId: `sub_${entrantId}_${at}`,
  bestAt: new Date(at),
  survives: null,
  rankLow: null,
  rankHigh: null,
  chance: null,
});
const shown = (board: OrderedBoard, from = 0, to = board.size) =>
  board.slice(from, to).map(({ rank, row: { entrantId } }) => `${rank}${entrantId}`);

test("rows stand in order, ties share a rank, also where a page begins in the middle of a tie", () => {
  const board = new OrderedBoard([row("d", [4]), row("b", [2], 1), row("c", [2], 2), row("a", [1])]);
  expect(shown(board)).toEqual(["1a", "2b", "2c", "4d"]);
  expect(shown(board, 2)).toEqual(["2c", "4d"]);
  expect(board.ofTeam("team-c")).toMatchObject({ rank: 2 });
  expect(board.ofTeam("team-x")).toBeNull();
  expect(board.placeOfTeam("team-c")).toBe(2);
});

test("from a rank down: its first place, or, inside of a tie, the first behind the tie", () => {
  const board = new OrderedBoard([row("a", [1]), row("b", [2]), row("c", [2]), row("d", [3])]);
  expect([1, 2, 3, 4, 5].map((rank) => board.placeOfRank(rank))).toEqual([0, 1, 3, 3, 4]);
});

test("a row that changes a thousand times at random is always where sorting anew would put it", () => {
  const random = seeded(3);
  const rows = new Map<string, StoredRow>();
  const board = new OrderedBoard([]);
  for (let n = 0; n < 1000; n++) {
    const many = random.int(50) === 0 ? 80 : 1;
    const changed = new Map<string, StoredRow>();
    for (let each = 0; each < many; each++) {
      const id = String(random.int(60));
      changed.set(id, row(id, [random.int(8), random.int(3)], random.int(5)));
    }
    for (const [id, its] of changed) rows.set(id, its);
    board.apply([...changed.values()]);
    if (n % 10 !== 0) continue;
    const sorted = [...rows.values()].sort(compareRows);
    expect(board.slice(0, board.size)).toEqual(
      sorted.map((its) => ({
        row: its,
        rank: 1 + sorted.filter((other) => compareKeys(other.sortKeys, its.sortKeys) < 0).length,
      })),
    );
  }
});
