export { addVersion } from "./add-version.ts";
export { composeFile } from "./blobs/compose.ts";
export { localFile } from "./blobs/local-file.ts";
export { missingBlobs } from "./blobs/missing.ts";
export { type OpenFile, openFile, packOf } from "./blobs/open.ts";
export { putBlob, putPack } from "./blobs/put.ts";
export type { Body } from "./blobs/receive.ts";
export { ownedBlobs } from "./blobs/store.ts";
export { createDataset } from "./create-dataset.ts";
export { createTree } from "./create-tree.ts";
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
  treesHoldBlob,
} from "./trees/store.ts";
