import { type CompetitionDefinition, competitionDefinitionSchema } from "@podium/shared";
import { Document, isMap, isScalar, type Pair, visit } from "yaml";

/** Said beside what an organizer is likely to look for. */
const COMMENTS: Record<string, string> = {
  metric: " What ranks the entrants; its definition: docs/reference/metrics.md",
  columns: " Further columns of the board",
  tie_breaks: " What decides between equal scores",
  terms: " What an entrant agrees to",
  leaderboard: " Who sees which score when",
  limits: " Of one entrant; after the round has opened they may only be raised",
  split: " Public rows are scored live, all others in the end. The seed is a secret",
  survivors: " Who enters the next round; ties survive",
  scorer: " A program of your own, run in a sandbox",
};

/** `competition.yaml` of a definition: what a default says already is left out. */
export function definitionYaml(definition: CompetitionDefinition): string {
  const document = new Document(withoutDefaults(definition));
  visit(document, {
    Pair(_, pair: Pair) {
      const key = isScalar(pair.key) ? String(pair.key.value) : "";
      const comment = COMMENTS[key];
      if (comment && isScalar(pair.key)) pair.key.commentBefore = comment;
      return isMap(pair.value) && key === "metric" ? visit.SKIP : undefined;
    },
  });
  const head =
    "# Check it with `podium competition lint`. Paths are relative to this file.\n# Every field: docs/reference/competition-yaml.md\n";
  return head + document.toString({ lineWidth: 100 });
}

/** The shortest that means the same: each field is tried without. */
function withoutDefaults(definition: CompetitionDefinition): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify(definition)) as Record<string, unknown>;
  const wanted = competitionDefinitionSchema.parse(plain);
  const means = () => {
    const parsed = competitionDefinitionSchema.safeParse(plain);
    return parsed.success && Bun.deepEquals(parsed.data, wanted);
  };
  const prune = (value: unknown) => {
    if (Array.isArray(value)) return value.forEach(prune);
    if (typeof value !== "object" || value === null) return;
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record)) {
      const rest = { ...record };
      delete record[key];
      if (means()) continue;
      // Put back in its place: the order is what people read.
      for (const each of Object.keys(record)) delete record[each];
      Object.assign(record, rest);
      prune(record[key]);
    }
  };
  prune(plain);
  return plain;
}
