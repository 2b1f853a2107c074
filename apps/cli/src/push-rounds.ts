import { join } from "node:path";
import type { CompetitionDefinition, RoundData } from "@podium/shared";
import type { Cli } from "./cli.ts";
import { push } from "./push.ts";

/** Pushes the folders that a definition names, each once. Labels are one file: a tree that holds just that file. */
export async function pushRounds(
  cli: Cli,
  folder: string,
  definition: CompetitionDefinition,
  team: string | undefined,
): Promise<RoundData[]> {
  const pushed = new Map<string, string>();
  const treeOf = async (path: string) => {
    const known = pushed.get(path);
    if (known !== undefined) return known;
    const { tree_id } = await push(cli, join(folder, path), team);
    pushed.set(path, tree_id);
    return tree_id;
  };
  const { scorer, ingestion } = definition;
  const data: RoundData[] = [];
  for (const { name, train, inputs, labels, sample, ...own } of definition.rounds) {
    data.push({
      round: name,
      train: await treeOf(train),
      inputs: await treeOf(inputs),
      labels: await treeOf(labels),
      ...(sample
        ? { sample: { inputs: await treeOf(sample.inputs), labels: await treeOf(sample.labels) } }
        : {}),
      ...(scorer ? { scorer: await treeOf(own.scorer_program ?? scorer.program) } : {}),
      ...(ingestion ? { ingestion: await treeOf(own.ingestion_program ?? ingestion.program) } : {}),
    });
  }
  return data;
}
