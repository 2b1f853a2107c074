import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DomainError, isDecomposable, orderOf, PRIMARY_KEY, type TreeEntry } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { columnsByKind, withComputed } from "./columns-by-kind.ts";
import { dataEntry, dataFile } from "./data-file.ts";
import { type Judging, wantsLosses } from "./judging.ts";
import { PRIVATE } from "./programs/run-program.ts";
import type { ScoredValues } from "./schema.ts";
import type { ScoreRequest, ScoreResult } from "./score-request.ts";
import { storeLosses } from "./store-losses.ts";

export interface Scorer {
  score(request: ScoreRequest): Promise<ScoreResult>;
}

/** What a submission's predictions are worth. */
export interface Judgement {
  values: ScoredValues;
  /** Rows that were compared; 0 when the organizer's program alone has read them. */
  rows: number;
  predictionsDigest: string | null;
  sketch: string | null;
  lossesTree: string | null;
}

interface Judged {
  /** Of the organizer, who owns the losses. */
  teamId: string;
  predictionsTree: string;
  /** Values that the organizer's program gave, by what it calls them. */
  program: Readonly<Record<string, number>>;
}

/**
 * Works out every column of the definition. Writes nothing but the losses, whose tree nothing names yet.
 * @throws DomainError `invalid_predictions` for what is the entrant's to repair, `invalid_bundle` for what is the
 *   organizer's
 */
export async function judge(
  ctx: Context,
  scorer: Scorer,
  judging: Judging,
  judged: Judged,
): Promise<Judgement> {
  const entry = await dataEntry(ctx.db, judged.predictionsTree);
  const { builtIn } = columnsByKind(judging.definition);
  if (builtIn.length === 0) {
    const values = valuesOf(judging, judged.program, null);
    return { values, rows: 0, predictionsDigest: entry.sha256, sketch: null, lossesTree: null };
  }
  const folder = hasLosses(judging) ? await mkdtemp(join(tmpdir(), "podium-losses-")) : null;
  try {
    const result = await scorer.score({
      ...(await requestOf(ctx, judging, entry)),
      fingerprint: true,
      ...(folder && { rowValuesPath: join(folder, "rows.npy") }),
    });
    return {
      values: valuesOf(judging, judged.program, result),
      rows: result.rows,
      predictionsDigest: result.fingerprint?.digest ?? entry.sha256,
      sketch: result.fingerprint?.sketch ?? null,
      lossesTree: folder && (await losses(ctx, judging, judged.teamId, folder, result)),
    };
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Reads a file by the built-in columns alone, where there are some beside those of a program.
 * @throws DomainError as `judge`
 */
export async function checkFile(
  ctx: Context,
  scorer: Scorer,
  judging: Judging,
  predictionsTree: string,
): Promise<void> {
  if (columnsByKind(judging.definition).builtIn.length > 0)
    await scorer.score(await requestOf(ctx, judging, await dataEntry(ctx.db, predictionsTree)));
}

async function requestOf(ctx: Context, judging: Judging, predictions: TreeEntry) {
  const { builtIn } = columnsByKind(judging.definition);
  return {
    predictionsPath: await dataFile(ctx, predictions),
    labelsPath: await dataFile(ctx, await dataEntry(ctx.db, judging.labelsTree)),
    idField: judging.round.id_field,
    targetField: judging.round.target_field,
    columns: builtIn.map(({ key, metric: { name, ...options } }) => ({ key, metric: name, options })),
    split: judging.split,
    limits: { maxBytes: judging.round.limits.file_bytes },
  };
}

function hasLosses({ definition }: Judging): boolean {
  const { metric } = definition;
  if (metric.name === "custom" || metric.name === "computed") return false;
  return wantsLosses(definition) && isDecomposable(metric);
}

function losses(ctx: Context, { definition }: Judging, teamId: string, folder: string, result: ScoreResult) {
  const columns = result.rowValues ?? [];
  const descending = orderOf(definition.metric) === "descending";
  return storeLosses(ctx, teamId, { path: join(folder, "rows.npy"), columns, descending });
}

/** All columns over the public and, in a split round, the private rows. */
function valuesOf(judging: Judging, program: Judged["program"], result: ScoreResult | null): ScoredValues {
  const { custom, computed } = columnsByKind(judging.definition);
  const named = (prefix: string) =>
    Object.fromEntries(
      custom.map(({ key, value }) => [key, given(value, program[`${prefix}${value}`] ?? program[value])]),
    );
  const open = withComputed({ ...(result?.public ?? result)?.scores, ...named("") }, computed);
  const hidden = judging.split
    ? withComputed({ ...result?.private?.scores, ...named(PRIVATE) }, computed)
    : null;
  return Object.fromEntries(
    Object.entries(open).map(([key, value]) => {
      const other = hidden?.[key];
      return [key, other === undefined ? { public: value } : { public: value, private: other }];
    }),
  );
}

function given(name: string, value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value))
    throw new DomainError("invalid_bundle", `The scorer gave no number called "${name}".`);
  return value;
}

/** Key of the primary column and all others of one part, as `submissions` keeps them. */
export function keptValues(values: ScoredValues) {
  const entries = Object.entries(values);
  const part = (name: "public" | "private") => {
    const found = entries.flatMap(([key, value]) => {
      const one = value[name];
      return one === undefined ? [] : [[key, one] as const];
    });
    const { [PRIMARY_KEY]: score, ...columns } = Object.fromEntries(found);
    return { score, columns };
  };
  const [open, hidden] = [part("public"), part("private")];
  if (open.score === undefined) throw new Error("A judgement lacks the column that ranks.");
  return {
    score: open.score,
    columns: open.columns,
    privateScore: hidden.score ?? null,
    privateColumns: hidden.score === undefined ? null : hidden.columns,
  };
}
