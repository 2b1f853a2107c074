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
