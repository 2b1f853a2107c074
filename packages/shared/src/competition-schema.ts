import { z } from "zod";
import { competitionDefinitionSchema } from "./competition-bundle.ts";

/**
 * `competition.yaml` as JSON Schema (draft 2020-12), for editors: what an organizer writes, so what has a default may be
 * missing. What no field can say of itself, such as times in the wrong order, only the linter knows.
 */
export function competitionJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(competitionDefinitionSchema, { io: "input" });
  return {
    $schema,
    title: "competition.yaml",
    description: "The definition of a Podium competition, version 1",
    ...schema,
  };
}
