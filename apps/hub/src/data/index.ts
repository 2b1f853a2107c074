export { addVersion } from "./add-version.ts";
export { createDataset } from "./create-dataset.ts";
export { createTree } from "./create-tree.ts";
export { putBlob } from "./put-blob.ts";
export { resolveMount } from "./resolve-mount.ts";
export { dataRoutes } from "./routes.ts";
export { findTree, grantDataset, insertTree, mayReadTree, ownedBlobs, recordBlob, type TreeRow } from "./store.ts";
