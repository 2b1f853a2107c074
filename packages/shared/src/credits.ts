import { z } from "zod";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

/** One credit in the unit that everything is counted in. NSML's rule: 1 GPU × 1 minute = 1 credit. */
export const MICROCREDITS = 1_000_000;

const microcredits = z.number().int().describe("millionths of a credit");

/** A million credits for a minute: above it, amounts would leave the range of exact numbers. */
const price = z.number().int().nonnegative().max(1e12);

/** What things cost. Data, not code: an administrator changes it; running work keeps the prices it started with. */
export const pricesSchema = z
  .strictObject({
    gpu_minute: price.default(MICROCREDITS).describe("microcredits per GPU-minute"),
    gpu_minute_by_model: z.record(z.string().max(100), price).default({}),
    cpu_minute: price.default(0).describe("microcredits per CPU-minute"),
    thousand_calls: price.default(0).describe("microcredits per 1,000 inference calls"),
    gib_month: price.default(0).describe("microcredits per GiB stored for a month"),
  })
  .meta({ id: "Prices" });
export type Prices = z.infer<typeof pricesSchema>;

export const balanceSchema = z
  .object({ team: z.string(), available: microcredits, held: microcredits, spent: microcredits })
  .meta({ id: "Balance" });

export const ledgerEntrySchema = z
  .object({
    transaction_id: idSchema("ledgerTransaction"),
    kind: z.enum(["grant", "hold", "settle", "release", "refund", "usage"]),
    account: z.string(),
    amount: microcredits,
    memo: z.string(),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "LedgerEntry" });

export const grantSchema = z.strictObject({
  team: slugSchema,
  amount: z.number().int().positive().max(1e15).describe("microcredits"),
  memo: z.string().max(500).default(""),
});

export const ledgerSummarySchema = z
  .object({
    sum: microcredits.describe("Of all entries; 0 unless the ledger is broken"),
    teams: z.array(balanceSchema),
  })
  .meta({ id: "LedgerSummary" });
