import { createHash } from "node:crypto";
import { CHUNK_BYTES, nameOfChunks, PRIMARY_KEY, type TreeEntry } from "@podium/shared";
import { composeFile, createTree, putBlob } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/secrets.ts";
import { readRowValues } from "./row-values.ts";

const CHUNK_NUMBERS = CHUNK_BYTES / Float64Array.BYTES_PER_ELEMENT;

export interface RowValues {
  path: string;
  /** Names of its columns, as the scorer gave them. */
  columns: readonly string[];
  /** Whether a larger value is better: a loss is then its negative. */
  descending: boolean;
}

/**
 * Stores the losses of a submission's rows by the primary metric as a tree of the organizer's: little-endian float64 in
 * the order of the labels, smaller is better, `score.f64`, or `score.public.f64` and `score.private.f64` in a split
 * round. Rows that weigh more have larger losses, so that the plain mean of a file is the metric's mean loss.
 * A crash leaves a tree that nothing names and that is collected.
 */
export async function storeLosses(ctx: Context, teamId: string, rows: RowValues): Promise<string | null> {
  const at = rows.columns.indexOf(PRIMARY_KEY);
  if (at < 0) return null;
  const isSplit = rows.columns.includes("public");
  const parts = isSplit ? (["public", "private"] as const) : ([null] as const);
  const entries: TreeEntry[] = [];
  for (const part of parts) {
    const file = await storeFile(ctx, teamId, lossesOf(rows, at, part));
    entries.push({ path: part ? `${PRIMARY_KEY}.${part}.f64` : `${PRIMARY_KEY}.f64`, mode: 0o644, ...file });
  }
  const tree = await ctx.db.transaction((tx) => createTree(ctx, tx, { teamId, entries }));
  return tree.id;
}

/** The losses of one part's rows, as many at a time as a blob holds. */
async function* lossesOf(rows: RowValues, at: number, part: "public" | "private" | null) {
  const width = rows.columns.length;
  const mark = rows.columns.indexOf("public");
  const weight = rows.columns.indexOf(`${PRIMARY_KEY}:weight`);
  const isIn = (values: Float64Array, from: number) =>
    part === null || (values[from + mark] === 1) === (part === "public");
  const scale = weight < 0 ? 1 : await meanOf(rows, weight, isIn);
  const sign = rows.descending ? -1 : 1;
  let chunk = new Float64Array(CHUNK_NUMBERS);
  let held = 0;
  for await (const block of readRowValues(rows.path, width)) {
    for (let from = 0; from < block.values.length; from += width) {
      if (!isIn(block.values, from)) continue;
      const weighs = weight < 0 ? 1 : (block.values[from + weight] as number) / scale;
      // Adding 0 makes of -0 what it is equal to.
      chunk[held++] = sign * (block.values[from + at] as number) * weighs + 0;
      if (held < CHUNK_NUMBERS) continue;
      yield chunk;
      [chunk, held] = [new Float64Array(CHUNK_NUMBERS), 0];
    }
  }
  if (held > 0) yield chunk.subarray(0, held);
}

async function meanOf(
  rows: RowValues,
  column: number,
  isIn: (values: Float64Array, from: number) => boolean,
) {
  const width = rows.columns.length;
  let [sum, count] = [0, 0];
  for await (const { values } of readRowValues(rows.path, width)) {
    for (let from = 0; from < values.length; from += width) {
      if (!isIn(values, from)) continue;
      sum += values[from + column] as number;
      count += 1;
    }
  }
  return count === 0 || sum === 0 ? 1 : sum / count;
}

async function storeFile(ctx: Context, teamId: string, parts: AsyncIterable<Float64Array>) {
  const chunks: string[] = [];
  let size = 0;
  for await (const part of parts) {
    const body = new Uint8Array(part.slice().buffer);
    const name = sha256(body);
    await putBlob(ctx, { teamId, sha256: name, body });
    chunks.push(name);
    size += body.byteLength;
  }
  const [only] = chunks;
  if (only === undefined) throw new Error("A part of a round has no rows.");
  if (chunks.length === 1) return { sha256: only, size };
  const name = nameOfChunks(chunks, createHash);
  await composeFile(ctx, { teamId, sha256: name, size, chunks });
  return { sha256: name, size };
}
