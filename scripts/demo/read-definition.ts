import { join } from "node:path";
import { type CompetitionDefinition, competitionDefinitionSchema } from "@podium/shared";
import { parse } from "yaml";

/** The competition that the organizer is about to create, as the demo needs it to know what to expect. */
export async function readDefinition(bundleFolder: string): Promise<CompetitionDefinition> {
  return competitionDefinitionSchema.parse(
    parse(await Bun.file(join(bundleFolder, "competition.yaml")).text()),
  );
}
