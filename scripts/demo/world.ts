import type { Competition, CompetitionDefinition } from "@podium/shared";
import type { DemoScript } from "../../examples/lib/demo-script.ts";
import type { Stack } from "../stack/stack.ts";
import type { Display } from "./display.ts";
import type { Person } from "./person.ts";

/** What every step of the demo gets. */
export interface World {
  /** Folder of the example: participants' code, demo.yaml. */
  exampleFolder: string;
  /** The competition's folder as the organizer has it: competition.yaml and data. */
  bundleFolder: string;
  /** For what participants write on their own machines. */
  workFolder: string;
  script: DemoScript;
  definition: CompetitionDefinition;
  stack: Stack;
  display: Display;
  signal: AbortSignal;
  admin: Person;
  organizer: Person;
  participants: ReadonlyMap<string, Person>;
}

/** A participant by the name of the team. */
export function participant(world: World, team: string): Person {
  const person = world.participants.get(team);
  if (!person)
    throw new Error(`demo.yaml names the team ${team} among the failures but not among the participants.`);
  return person;
}

/** Name of the dataset that a round's entrants train on. */
export function datasetOf(competition: Competition, roundName: string): string {
  const dataset = competition.rounds.find((round) => round.name === roundName)?.dataset;
  if (!dataset) throw new Error(`${competition.name} has given out no data for ${roundName}.`);
  return dataset;
}
