import { expect, test } from "bun:test";
import type { LedgerEntry } from "../../api/types.ts";
import { movementsOf } from "./running.ts";

const entry = (number: number, kind: LedgerEntry["kind"], account: string, amount: number): LedgerEntry => ({
  transaction_id: `ltx_${number}`,
  kind,
  account,
  amount,
  memo: `${kind} ${number}`,
  created_at: "2026-01-01T00:00:00Z",
});

test("the running balances lead from nothing to the present balance", () => {
  const newestFirst = [
    entry(4, "release", "held", -40),
    entry(4, "release", "available", 40),
    entry(3, "settle", "held", -60),
    entry(2, "hold", "held", 100),
    entry(2, "hold", "available", -100),
    entry(1, "grant", "available", 500),
  ];
  const movements = movementsOf(newestFirst, { available: 440, held: 0 });

  expect(
    movements.map(({ kind, available, held }) => [
      kind,
      available.change,
      available.after,
      held.change,
      held.after,
    ]),
  ).toEqual([
    ["release", 40, 440, -40, 0],
    ["settle", 0, 400, -60, 40],
    ["hold", -100, 400, 100, 100],
    ["grant", 500, 500, 0, 0],
  ]);
});

test("a team without entries has no movements", () => {
  expect(movementsOf([], { available: 0, held: 0 })).toEqual([]);
});
