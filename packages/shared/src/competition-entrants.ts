import { z } from "zod";
import { sha256Schema } from "./data.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });

export const competitionTermsSchema = z
  .object({
    terms: z
      .object({
        content: z.string().describe("Markdown, as its author wrote it: whoever shows it must make it safe"),
        sha256: sha256Schema.describe("Of the text in UTF-8: who joins says that this is what they agree to"),
      })
      .nullable()
      .describe("null: there is nothing to agree to"),
  })
  .meta({ id: "CompetitionTerms" });

export const joinCompetitionSchema = z.strictObject({
  team: slugSchema.optional(),
  terms: sha256Schema
    .optional()
    .describe("SHA-256 of the terms that you agree to; needed where there are terms"),
});

export const entrantSchema = z
  .object({
    id: idSchema("entrant"),
    team: z.string(),
    round: z.number().int().describe("Number of the round it may submit to"),
    state: z.enum(["active", "eliminated", "withdrawn", "banned", "merged"]),
    members: z.number().int().describe("People who take part with it"),
    merged_into: z.string().nullable().describe("Team that it has become part of"),
    agreed: z.boolean().describe("False: the terms are others since; agree to them before you submit again"),
    joined_at: instant,
  })
  .meta({ id: "Entrant" });
export type Entrant = z.infer<typeof entrantSchema>;

const reason = z.string().min(1).max(2000).describe("For the contest's history; the entrant is told");
export const banEntrantSchema = z.strictObject({ reason });
export const unbanEntrantSchema = z.strictObject({ reason: reason.optional() });

export const proposeMergeSchema = z.strictObject({
  team: slugSchema.optional().describe("Yours; omitted: your personal team"),
  into: slugSchema.describe("The entrant that it is to become part of"),
});
export const acceptMergeSchema = z.strictObject({
  team: slugSchema
    .optional()
    .describe("Name of a new team for all members; needed where a personal team is merged into"),
});

export const mergeSchema = z
  .object({
    id: idSchema("entrantMerge"),
    from: z.string(),
    into: z.string(),
    state: z.enum(["proposed", "done", "refused", "withdrawn"]),
    proposed_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: "EntrantMerge" });
export type EntrantMerge = z.infer<typeof mergeSchema>;
