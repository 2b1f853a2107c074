import { type ReadAnswer, type ReadRequest, readAlone } from "./read-at-once.ts";
import type { ReadSource } from "./read-source.ts";
import { TablesDiffer } from "./tables-differ.ts";

/** The thread that reads one file while the scorer reads the other. Its arrays are handed over, not copied. */
declare const self: Worker;

self.onmessage = async ({ data }: MessageEvent<ReadRequest>) => {
  const answer = await answerTo(data);
  self.postMessage(answer, "read" in answer && answer.read ? buffersOf(answer.read) : []);
};

async function answerTo(request: ReadRequest): Promise<ReadAnswer> {
  try {
    return { read: await readAlone(request) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { error: message, differs: error instanceof TablesDiffer };
  }
}

function buffersOf({ ids, columns }: ReadSource): ArrayBuffer[] {
  const arrays = [ids, ...columns.flatMap(({ numbers, labels }) => [numbers, labels?.codes])];
  return arrays.flatMap((array) => (array ? [array.buffer as ArrayBuffer] : []));
}
