export { composeFile } from "./blobs/compose.ts";
export { localFile, sweepLocalFiles } from "./blobs/local-file.ts";
export { missingBlobs } from "./blobs/missing.ts";
export { type OpenFile, openFile, packOf } from "./blobs/open.ts";
export { putBlob } from "./blobs/put.ts";
export { putPack } from "./blobs/put-pack.ts";
export { ownedBlobs } from "./blobs/store.ts";
export { addVersion } from "./catalog/add-version.ts";
export { createDataset } from "./catalog/create-dataset.ts";
export { outputDataset } from "./catalog/output-dataset.ts";
export { recordMount } from "./catalog/record-access.ts";
export { remount } from "./catalog/remount.ts";
export type { FindUses } from "./catalog/remove-dataset.ts";
export { discardDataset, discardGranted, replaceData } from "./catalog/replace-data.ts";
export { resolveMount, resolveVersion } from "./catalog/resolve-mount.ts";
export { datasetRoutes } from "./catalog/routes.ts";
export { grantDataset } from "./catalog/store.ts";
export { createTree } from "./create-tree.ts";
export { adoptOrphans } from "./garbage/adopt-orphans.ts";
export { collectBlobs } from "./garbage/collect-blobs.ts";
export { collectTrees } from "./garbage/collect-trees.ts";
export { collectPacks } from "./garbage/packs/collect-packs.ts";
export { treesOfDatasets } from "./garbage/store.ts";
export { dataRoutes } from "./routes.ts";
export { holdTree, mayReadTree } from "./store.ts";
export { treeJson } from "./trees/json.ts";
export {
  blobsOfTrees,
  findTree,
  sharedFile,
  type TreeRow,
  treeEntries,
} from "./trees/store.ts";
