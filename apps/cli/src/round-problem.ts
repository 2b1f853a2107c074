import type { CompetitionDefinition } from "@podium/shared";

/** What is wrong with the files of a round. */
export interface Problem {
  field: "train" | "inputs" | "labels" | "id_field" | "target_field" | "split" | "sample";
  message: string;
  /** Where in the whole definition, for what is not a field of the round. */
  path?: (string | number)[];
}

/** What a definition says of how its rounds are scored. */
export type Scoring = Pick<CompetitionDefinition, "metric" | "columns"> &
  Partial<Pick<CompetitionDefinition, "scorer" | "ingestion">>;

/** So many faults of one kind in one file are told one by one; of more, how many there are. */
const MOST_TOLD = 10;

/** The messages of one kind about one file: all, or the first ones and how many more there are. */
export function told(file: string, messages: readonly string[]): string[] {
  const more = messages.length - MOST_TOLD;
  if (more <= 0) return [...messages];
  return [...messages.slice(0, MOST_TOLD), `${file}: ${more} more of its lines are wrong in the same way`];
}
