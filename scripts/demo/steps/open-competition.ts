import { type Competition, competitionSchema, entrantSchema } from "@podium/shared";
import type { World } from "../world.ts";

/** The organizer creates the competition from its folder; every participant joins it. */
export async function openCompetition(world: World): Promise<Competition> {
  const { organizer, participants, bundleFolder, display } = world;
  const competition = await organizer.ask(competitionSchema, ["competition", "create", bundleFolder]);
  const people = [...participants.values()];
  await Promise.all(
    people.map((person) => person.ask(entrantSchema, ["competition", "join", competition.name])),
  );
  display.note(
    `${organizer.name} opened "${competition.title}"; ${people.map((person) => person.name).join(", ")} joined.`,
  );
  return competition;
}
