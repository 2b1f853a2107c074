import { afterAll } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DomainError } from "@podium/shared";
import { scoreFiles } from "../score-files.ts";
import type { ScoreRequest } from "../score-request.ts";

type Rows = readonly (readonly [id: string | number, value: string | number])[];

/** A folder for one test file's tables; it is gone when the tests are. */
export function testFolder() {
  const folder = mkdtempSync(join(tmpdir(), "podium-scoring-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let written = 0;
  return {
    folder,
    write(content: string | Uint8Array, extension = ".csv"): string {
      written += 1;
      const path = join(folder, `table-${written}${extension}`);
      writeFileSync(path, content);
      return path;
    },
  };
}

/** Labels of four rows, two of them public, with weights and a second target; predictions; and what scores these. */
export function fourRows(write: (content: string) => string) {
  const LABELS = write(
    "id,y,kind,usage,w\n1,1,a,public,1\n2,2,b,public,3\n3,4,a,private,1\n4,8,b,private,0\n",
  );
  const GUESS = write("id,prediction,kind\n4,6,b\n3,5,b\n2,2,a\n1,2,a\n");
  const score = (more: Partial<ScoreRequest>) =>
    scoreFiles({
      labelsPath: LABELS,
      predictionsPath: GUESS,
      targetField: "y",
      columns: [{ key: "score", metric: "mae" }],
      ...more,
    });
  return { LABELS, GUESS, score };
}

export function csvOf(column: string, rows: Rows): string {
  return `id,${column}\n${rows.map(([id, value]) => `${id},${value}\n`).join("")}`;
}

export function jsonlOf(column: string, rows: Rows): string {
  return rows.map(([id, value]) => `${JSON.stringify({ id, [column]: value })}\n`).join("");
}

/** The error of a scoring that must fail, and fail as something a person can act on. */
export async function refusalOf(request: ScoreRequest): Promise<DomainError> {
  const outcome = await scoreFiles(request).catch((error: unknown) => error);
  const code = (outcome as Partial<DomainError>).code;
  if (code !== "invalid_predictions" && code !== "invalid_bundle") {
    throw new Error(`Expected a refusal, got ${JSON.stringify(outcome)} ${outcome}`);
  }
  return outcome as DomainError;
}

/** Uniform numbers in [0, 1) that replay: mulberry32 by Tommy Ettinger (public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The items in an order drawn by `random` (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = result[last] as T;
    result[last] = result[other] as T;
    result[other] = kept;
  }
  return result;
}
