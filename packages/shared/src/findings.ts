import { z } from "zod";
import { idSchema } from "./ids.ts";

const instant = z.iso.datetime({ offset: true });

const verdictSchema = z.enum(["dismissed", "upheld"]);
export type FindingVerdict = z.infer<typeof verdictSchema>;

export const findingSchema = z
  .object({
    id: idSchema("finding"),
    kind: z
      .enum(["duplicate", "near_duplicate", "probing"])
      .describe(
        "The same answers of two entrants; almost the same; submissions that differ in few rows each",
      ),
    evidence: z.record(z.string(), z.unknown()),
    found_at: instant,
    verdict: verdictSchema.nullable().describe("null: nobody has judged it"),
    reason: z.string().nullable(),
    judged_at: instant.nullable(),
  })
  .meta({ id: "Finding" });

export const judgeFindingSchema = z
  .strictObject({ verdict: verdictSchema, reason: z.string().min(1).max(2000) })
  .meta({ id: "JudgeFinding" });
export type JudgeFinding = z.infer<typeof judgeFindingSchema>;
