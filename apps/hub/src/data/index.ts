export { addVersion } from "./add-version.ts";
export { createDataset } from "./create-dataset.ts";
export { createTree } from "./create-tree.ts";
export { putBlob } from "./put-blob.ts";
export { resolveMount } from "./resolve-mount.ts";
export { dataRoutes } from "./routes.ts";
export { findTree, grantDataset, mayReadTree, ownedBlobs, type TreeRow, treesHoldBlob } from "./store.ts";
