import { z } from "zod";
import { competitionDefinitionSchema } from "./competition-bundle.ts";
import { idSchema } from "./ids.ts";
import { roundDataSchema } from "./round-data.ts";

/** A definition that takes the place of the present one, whose version stands in `If-Match`. */
export const editCompetitionSchema = z
  .strictObject({
    definition: competitionDefinitionSchema,
    data: z
      .array(roundDataSchema)
      .max(50)
      .default([])
      .describe("Trees of rounds that are new or have other data; a round that is not named keeps its own"),
    reason: z.string().min(1).max(1000).optional().describe("Shown to the entrants"),
  })
  .meta({ id: "EditCompetition" });

export const definitionChangeSchema = z
  .object({
    path: z.string().describe("`rounds.round-2.limits.per_day`"),
    before: z.unknown().optional().describe("Missing: it was not there"),
    after: z.unknown().optional().describe("Missing: it is gone"),
  })
  .meta({
    id: "DefinitionChange",
    description: "Secrets are shown as `(secret)`, long texts by their changed lines",
  });
export type DefinitionChange = z.infer<typeof definitionChangeSchema>;

export const editedCompetitionSchema = z
  .object({
    version: z.number().int().positive().describe("After the edit; as it was when nothing changed"),
    changes: z.array(definitionChangeSchema),
  })
  .meta({ id: "EditedCompetition" });

/** All that `create` was given: for the organizer, labels and secrets included. */
export const competitionExportSchema = z
  .object({
    version: z.number().int().positive(),
    definition: competitionDefinitionSchema,
    data: z.array(roundDataSchema),
  })
  .meta({ id: "CompetitionExport" });

export const competitionChangeSchema = z
  .object({
    id: idSchema("competitionChange"),
    action: z.string().describe("A verb in the past: `edited`, `paused`, `extended`, `banned` …"),
    round: z.string().nullable(),
    entrant: z.string().nullable(),
    reason: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    actor: z.string().nullable().describe("Who did it; shown to the organizer alone"),
    at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "CompetitionChange" });
export type CompetitionChange = z.infer<typeof competitionChangeSchema>;
