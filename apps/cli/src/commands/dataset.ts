import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { group } from "../command.ts";
import { diffDatasets } from "./dataset-diff.ts";
import { editDataset } from "./dataset-edit.ts";
import { listDatasets, searchDatasets } from "./dataset-ls.ts";
import { pullDataset } from "./dataset-pull.ts";
import { pushDataset } from "./dataset-push.ts";
import { renameDataset } from "./dataset-rename.ts";
import { removeDataset } from "./dataset-rm.ts";
import { showDataset } from "./dataset-show.ts";

export function datasetCommand(cli: Cli): Command {
  return group("dataset", "find, push, pull, compare and describe datasets", [
    listDatasets(cli),
    searchDatasets(cli),
    showDataset(cli),
    pushDataset(cli),
    pullDataset(cli),
    diffDatasets(cli),
    editDataset(cli),
    renameDataset(cli),
    removeDataset(cli),
  ]);
}
