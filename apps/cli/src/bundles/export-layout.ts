import type { CompetitionDefinition, RoundData } from "@podium/shared";

interface Layout {
  /** The definition with the paths of the new folder, and no texts in it. */
  definition: CompetitionDefinition;
  texts: { path: string; content: string }[];
  /** Trees and the folders that they are pulled into. */
  trees: { path: string; treeId: string }[];
}

/** Where each part of an exported competition lies: the same places whatever its organizer once called them. */
export function layOut(
  given: CompetitionDefinition,
  data: readonly RoundData[],
  fileOf: (treeId: string) => string | null,
): Layout {
  const layout: Layout = { definition: given, texts: [], trees: [] };
  const put = (path: string, treeId: string) => {
    if (!layout.trees.some((each) => each.path === path)) layout.trees.push({ path, treeId });
    return path;
  };
  // Labels that are one file are named by it, a folder of labels by itself.
  const putLabels = (path: string, treeId: string) => {
    const file = fileOf(treeId);
    return file === null ? put(path, treeId) : `${put(path, treeId)}/${file}`;
  };
  // All rounds share the first one's program but those that have another.
  const ownProgram = (kind: "scorer" | "ingestion", trees: RoundData, at: string) => {
    const treeId = trees[kind];
    if (treeId === undefined || treeId === data[0]?.[kind]) return {};
    return { [`${kind}_program`]: put(`${at}/${kind}`, treeId) };
  };
  const rounds = given.rounds.map((round) => {
    const trees = data.find((each) => each.round === round.name);
    if (!trees) return round;
    const at = `data/${round.name}`;
    const { sample } = trees;
    const { scorer_program: _scorer, ingestion_program: _ingestion, ...plain } = round;
    return {
      ...plain,
      ...ownProgram("scorer", trees, at),
      ...ownProgram("ingestion", trees, at),
      train: put(`${at}/train`, trees.train),
      inputs: put(`${at}/inputs`, trees.inputs),
      labels: putLabels(`${at}/labels`, trees.labels),
      ...(sample
        ? {
            sample: {
              inputs: put(`${at}/sample/inputs`, sample.inputs),
              labels: putLabels(`${at}/sample/labels`, sample.labels),
            },
          }
        : {}),
    };
  });
  const text = (path: string, content: string | undefined) => {
    layout.texts.push({ path, content: content ?? "" });
    return path;
  };
  const { scorer, ingestion, terms } = given;
  const [first] = data;
  layout.definition = {
    ...given,
    rounds,
    pages: given.pages.map(({ content, ...page }) => ({
      ...page,
      file: text(`pages/${page.name}.md`, content),
    })),
    ...(terms ? { terms: { file: text("terms.md", terms.content) } } : {}),
    ...(scorer && first?.scorer ? { scorer: { ...scorer, program: put("scorer", first.scorer) } } : {}),
    ...(ingestion && first?.ingestion
      ? { ingestion: { ...ingestion, program: put("ingestion", first.ingestion) } }
      : {}),
  };
  return layout;
}
