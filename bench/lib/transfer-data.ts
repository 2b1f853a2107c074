import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

const MIB = 1024 ** 2;
const BLOCK_BYTES = 16 * MIB;
const MIN_FILE_BYTES = 1024;
const MAX_FILE_BYTES = 20 * 1024;

/** The same bytes every time, which no tool can compress or find twice: xorshift32. */
function noise(seed: number): Buffer {
  const words = new Uint32Array(BLOCK_BYTES / 4);
  let state = seed;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer);
}

/** Files of 1 to 20 KiB, 1,000 a folder. Returns their bytes. */
export function makeSmallFiles(folder: string, count: number): number {
  const bytes = noise(1);
  let total = 0;
  for (let index = 0; index < count; index++) {
    if (index % 1000 === 0) mkdirSync(join(folder, String(index / 1000)), { recursive: true });
    total += writeSmallFile(folder, index, bytes);
  }
  return total;
}

/** Writes one file in a hundred anew, as large as it was. */
export function changeSmallFiles(folder: string, count: number) {
  const bytes = noise(2);
  for (let index = 50; index < count; index += 100) writeSmallFile(folder, index, bytes);
}

function writeSmallFile(folder: string, index: number, bytes: Buffer): number {
  const size = MIN_FILE_BYTES + ((index * 7919) % (MAX_FILE_BYTES - MIN_FILE_BYTES + 1));
  const from = (index * 4099) % (BLOCK_BYTES - MAX_FILE_BYTES);
  const file = openSync(join(folder, String(Math.floor(index / 1000)), `file-${index}.bin`), "w");
  writeSync(file, bytes, from, size);
  // Files may lie over one another in the noise; this makes each another one.
  writeSync(file, Buffer.from(`${index}`.padStart(8)), 0, 8, 0);
  closeSync(file);
  return size;
}

/** One file of so many bytes. */
export function makeLargeFile(path: string, size: number) {
  const bytes = noise(3);
  const file = openSync(path, "w");
  for (let at = 0; at < size; at += BLOCK_BYTES) {
    for (let word = 0; word < BLOCK_BYTES; word += 256)
      bytes.writeUInt32LE((at / BLOCK_BYTES) * 65537 + word, word);
    writeSync(file, bytes, 0, Math.min(BLOCK_BYTES, size - at));
  }
  closeSync(file);
}

/** Overwrites one hundredth of the file, in one piece in its middle. Returns its bytes. */
export function changeLargeFile(path: string, size: number): number {
  const length = Math.floor(size / 100);
  const bytes = noise(4);
  const file = openSync(path, "r+");
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    writeSync(file, bytes, 0, Math.min(BLOCK_BYTES, length - at), Math.floor(size / 2) + at);
  }
  closeSync(file);
  return length;
}
