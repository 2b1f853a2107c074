export { addVersion } from "./add-version.ts";
export { composeFile } from "./blobs/compose.ts";
export { localFile, sweepLocalFiles } from "./blobs/local-file.ts";
export { missingBlobs } from "./blobs/missing.ts";
export { type OpenFile, openFile, packOf } from "./blobs/open.ts";
export { putBlob, putPack } from "./blobs/put.ts";
export { ownedBlobs } from "./blobs/store.ts";
export { createDataset } from "./create-dataset.ts";
export { createTree } from "./create-tree.ts";
export { adoptOrphans } from "./garbage/adopt-orphans.ts";
export { collectBlobs } from "./garbage/collect-blobs.ts";
export { collectTrees } from "./garbage/collect-trees.ts";
export { treesOfDatasets } from "./garbage/store.ts";
export { resolveMount } from "./resolve-mount.ts";
export { dataRoutes } from "./routes.ts";
export { grantDataset, holdTree, mayReadTree } from "./store.ts";
export { treeJson } from "./trees/json.ts";
export {
  blobsOfTrees,
  findTree,
  sharedFile,
  type TreeRow,
  treeEntries,
} from "./trees/store.ts";
