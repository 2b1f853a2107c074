import { release } from "../../platform/buffers.ts";
import { MAX_STORED_PACK } from "./pack-contents.ts";

/** Rooms that wait for the next that is received. */
const spare: Uint8Array<ArrayBuffer>[] = [];
const MAX_SPARE = 6;
let lent = 0;

/**
 * Lends memory for a chunk or a piece of a pack, `MAX_STORED_PACK` bytes that begin at a page, to be given back once.
 * Made anew for each, its pages would be cleared for each; when nothing is received any more, none of it is kept.
 */
export function lendRoom(): Uint8Array<ArrayBuffer> {
  lent += 1;
  return spare.pop() ?? new Uint8Array(MAX_STORED_PACK);
}

/** `isFree`: false when something failed, and who knows what still reads it: then it is left to the collector. */
export function giveBackRoom(room: Uint8Array<ArrayBuffer>, isFree: boolean): void {
  lent -= 1;
  if (isFree && spare.length < MAX_SPARE) spare.push(room);
  if (lent === 0) for (const unused of spare.splice(0)) release(unused);
}
