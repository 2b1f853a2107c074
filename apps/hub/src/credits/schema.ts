import type { Prices } from "@podium/shared";
import { sql } from "drizzle-orm";
import { check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant, whole } from "../platform/schema.ts";
import { teams } from "../teams/schema.ts";

/** A team has `available` and `held`; the platform has `grants` (where credit comes from) and `revenue`. */
export const creditAccounts = pgTable(
  "credit_accounts",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id").references(() => teams.id),
    kind: text("kind").$type<"available" | "held" | "grants" | "revenue">().notNull(),
    /** Sum of a team's account's entries, kept in the transaction that writes them; 0 for the platform's. */
    balance: whole("balance").notNull().default(0),
  },
  (t) => [
    uniqueIndex("credit_accounts_once").on(sql`coalesce(${t.teamId}, '')`, t.kind),
    check("credit_accounts_not_negative", sql`${t.balance} >= 0 or ${t.kind} = 'grants'`),
  ],
);

export const ledgerTransactions = pgTable(
  "ledger_transactions",
  {
    id: text("id").primaryKey(),
    kind: text("kind").$type<"grant" | "hold" | "settle" | "release" | "refund" | "usage">().notNull(),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    /** What it is for; unique where the same thing must not be booked twice. */
    reference: text("reference").unique(),
    memo: text("memo").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [index("ledger_transactions_team").on(t.teamId, t.id)],
);

/** Append-only; the entries of a transaction sum to zero (both held by triggers, see the migration). */
export const ledgerEntries = pgTable(
  "ledger_entries",
  {
    transactionId: text("transaction_id")
      .notNull()
      .references(() => ledgerTransactions.id),
    accountId: text("account_id")
      .notNull()
      .references(() => creditAccounts.id),
    amount: whole("amount").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.transactionId, t.accountId] }),
    index("ledger_entries_account").on(t.accountId),
  ],
);

export const holds = pgTable(
  "holds",
  {
    id: text("id").primaryKey(),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    amount: whole("amount").notNull(),
    settledAmount: whole("settled_amount"),
    refundedAmount: whole("refunded_amount").notNull().default(0),
    state: text("state").$type<"open" | "closed">().notNull(),
    memo: text("memo").notNull(),
    createdAt: instant("created_at").notNull(),
    closedAt: instant("closed_at"),
  },
  (t) => [
    index("holds_open").on(t.teamId).where(sql`${t.state} = 'open'`),
    check(
      "holds_settled_within",
      sql`${t.settledAmount} is null or (${t.settledAmount} >= 0 and ${t.settledAmount} <= ${t.amount})`,
    ),
  ],
);

/** One paid slice of an attempt's time; a slice exists once, whoever asks for it and however often. */
export const usageSlices = pgTable(
  "usage_slices",
  {
    attemptId: text("attempt_id").notNull(),
    slice: integer("slice").notNull(),
    sessionId: text("session_id").notNull(),
    holdId: text("hold_id")
      .notNull()
      .references(() => holds.id),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.attemptId, t.slice] }), index("usage_slices_session").on(t.sessionId)],
);

/** Price lists; the newest is in force. */
export const priceLists = pgTable("price_lists", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  prices: jsonb("prices").$type<Prices>().notNull(),
  setBy: text("set_by"),
  createdAt: instant("created_at").notNull(),
});
