// Mounts a tree that a runner's cache holds, as a runner that has just started does, and then once more.
import { systemClock } from "../../apps/node-runner/src/clock.ts";
import { BlobCache } from "../../apps/node-runner/src/data/blob-cache.ts";
import { TreeStore } from "../../apps/node-runner/src/data/tree-store.ts";

const [dataFolder = "", treeId = ""] = process.argv.slice(2);
const nothing = async (): Promise<never> => {
  throw new Error("The cache does not hold the whole tree.");
};
const source = { tree: nothing, fetchBlob: nothing, fetchPack: nothing };
const never = new AbortController().signal;

const blobs = await BlobCache.open(dataFolder, systemClock);
const trees = await TreeStore.open({ dataFolder, blobs, clock: systemClock, limitBytes: 1e15 });
const seconds: number[] = [];
for (const attempt of ["att_1", "att_2"]) {
  const started = performance.now();
  await trees.mount(treeId, attempt, source, never);
  seconds.push((performance.now() - started) / 1000);
}
console.log(JSON.stringify(seconds));
