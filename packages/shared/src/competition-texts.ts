import { z } from "zod";
import { sha256Schema } from "./data.ts";
import { slugSchema } from "./slug.ts";

const markdown = z.string().describe("Markdown, as its author wrote it: whoever shows it must make it safe");

export const competitionTextsSchema = z
  .object({
    pages: z.array(z.object({ name: slugSchema, title: z.string(), content: markdown })),
    terms: z
      .object({
        content: markdown,
        sha256: sha256Schema.describe("Of the text in UTF-8; an entrant agrees to the terms of this hash"),
      })
      .nullable()
      .describe("null: there is nothing to agree to"),
  })
  .meta({ id: "CompetitionTexts" });
export type CompetitionTexts = z.infer<typeof competitionTextsSchema>;
