import type { Balance, LedgerEntry } from "../../api/types.ts";

/** A transaction as a team sees it: what it did to the two accounts, and what stood there afterwards. Microcredits. */
export interface Movement {
  id: string;
  kind: LedgerEntry["kind"];
  memo: string;
  at: string;
  available: { change: number; after: number };
  held: { change: number; after: number };
}

/**
 * Ledger entries, newest first, as movements with running balances, counted back from the present balance.
 * A team has two accounts, `available` and `held`; a transaction touches one or both.
 */
export function movementsOf(
  entries: readonly LedgerEntry[],
  balance: Pick<Balance, "available" | "held">,
): Movement[] {
  const byId = new Map<string, LedgerEntry[]>();
  for (const entry of entries)
    byId.set(entry.transaction_id, [...(byId.get(entry.transaction_id) ?? []), entry]);

  const movements: Movement[] = [];
  let { available, held } = balance;
  for (const [id, parts] of byId) {
    const [first] = parts;
    if (!first) continue;
    const change = { available: changeOf(parts, "available"), held: changeOf(parts, "held") };
    movements.push({
      id,
      kind: first.kind,
      memo: first.memo,
      at: first.created_at,
      available: { change: change.available, after: available },
      held: { change: change.held, after: held },
    });
    available -= change.available;
    held -= change.held;
  }
  return movements;
}

const changeOf = (entries: readonly LedgerEntry[], account: string) =>
  entries.filter((entry) => entry.account === account).reduce((sum, entry) => sum + entry.amount, 0);
