import { feedRows } from "../feed-rows.ts";
import { rowsInMemory } from "../row-files/row-file.ts";

/** `podium infer --dataset` as far as its rows go, in a process that a test may kill: address, file, number of rows. */
const [, , url = "", path = "", count = "0"] = process.argv;
await feedRows(rowsInMemory(Array.from({ length: Number(count) }, (_, row) => row)), path, {
  ...{ url, key: undefined, atOnce: 3, calls: 4 },
  onProgress: () => {},
  sleep: (ms) => Bun.sleep(ms),
});
