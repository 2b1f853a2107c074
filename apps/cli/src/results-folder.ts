import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { competitionDefinitionSchema, roundDefinitionSchema } from "@podium/shared";
import type { Made } from "@podium/shared/boards/standings";
import { z } from "zod";
import { type CsvValue, csvOf } from "./csv.ts";
import { CliError } from "./errors.ts";
import { readTable } from "./read-table.ts";
import type { Leaderboard, SubmissionResult } from "./types.ts";

/** What an exported folder says of a contest; the files beside it are tables, for people and their own tools. */
const contestSchema = z.object({
  format: z.literal("podium-results-1"),
  competition: z.string(),
  definition: competitionDefinitionSchema,
  rounds: z.array(
    z.object({
      round: z.string(),
      definition: roundDefinitionSchema,
      state: z.string(),
      advanced_at: z.string().nullable(),
    }),
  ),
  entrants: z.array(z.object({ id: z.string(), team: z.string(), state: z.string() })),
});
export type ExportedContest = z.infer<typeof contestSchema>;

const FIELDS = [
  ...["id", "entrant", "number", "kind", "state", "trial", "selected", "submitted_at", "ended_at"],
  ...["score", "private_score", "predictions_digest", "refunded", "failure_code", "failure", "memo"],
] as const;

const contestPath = (folder: string) => join(folder, "competition.json");
const submissionsPath = (folder: string, round: string) => join(folder, `submissions-${round}.csv`);
const boardPath = (folder: string, round: string, board: string) => join(folder, `${round}-${board}.csv`);

export function writeContest(folder: string, contest: ExportedContest): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(contestPath(folder), `${JSON.stringify(contest, null, 2)}\n`);
}

export function writeSubmissions(folder: string, round: string, all: readonly SubmissionResult[]): void {
  const keys = [...new Set(all.flatMap((each) => Object.keys(each.columns ?? {})))].sort();
  const rows = all.map((each): CsvValue[] => [
    ...[each.id, each.entrant, each.number, each.kind, each.state, each.trial, each.selected],
    ...[each.submitted_at, each.ended_at, each.score, each.private_score, each.predictions_digest],
    ...[each.refunded, each.failure?.code ?? null, each.failure?.message ?? null, each.memo],
    ...keys.flatMap((key) => [each.columns?.[key] ?? null, each.private_columns?.[key] ?? null]),
  ]);
  const columns = [...FIELDS, ...keys.flatMap((key) => [`column:${key}`, `private_column:${key}`])];
  writeFileSync(submissionsPath(folder, round), csvOf(columns, rows));
}

export function writeBoard(folder: string, round: string, board: string, rows: Leaderboard["rows"]): void {
  const columns = ["rank", "entrant", "score", "submissions", "best_submission_id", "best_at", "survives"];
  const cells = rows.map((row) => [
    ...[row.rank, row.entrant, row.score, row.submissions, row.best_submission_id, row.best_at, row.survives],
  ]);
  writeFileSync(boardPath(folder, round, board), csvOf(columns, cells));
}

/** @throws CliError when the folder isn't an export */
export function readContest(folder: string): ExportedContest {
  try {
    return contestSchema.parse(JSON.parse(readFileSync(contestPath(folder), "utf8")));
  } catch (error) {
    throw new CliError(
      `${folder} does not hold exported results: ${(error as Error).message}. Make it with podium competition export-results NAME ${folder}`,
    );
  }
}

/** A round's submissions that can count: scored, no trial runs. @throws CliError for a broken table */
export function readSubmissions(folder: string, round: string): Made[] {
  return tableOf(submissionsPath(folder, round)).flatMap(({ line, values }) => {
    if (values["state"] !== "scored" || values["trial"] === "true") return [];
    const number = (name: string): number | null => {
      const text = values[name] ?? "";
      if (text === "") return null;
      if (!Number.isFinite(Number(text)))
        throw new CliError(`${submissionsPath(folder, round)}, line ${line}: ${name} is no number.`);
      return Number(text);
    };
    const score = number("score");
    if (score === null)
      throw new CliError(`${submissionsPath(folder, round)}, line ${line}: it is scored and has no score.`);
    const columnsOf = (prefix: string) =>
      Object.fromEntries(
        Object.keys(values).flatMap((name) => {
          const value = name.startsWith(prefix) ? number(name) : null;
          return value === null ? [] : [[name.slice(prefix.length), value]];
        }),
      );
    return {
      id: values["id"] ?? "",
      entrant: values["entrant"] ?? "",
      submittedAt: new Date(values["submitted_at"] ?? ""),
      score,
      columns: columnsOf("column:"),
      privateScore: number("private_score"),
      privateColumns: columnsOf("private_column:"),
      selected: values["selected"] === "true",
    };
  });
}

/** A board as it was shown. @throws CliError when it is not there */
export function readBoard(folder: string, round: string, board: string) {
  return tableOf(boardPath(folder, round, board)).map(({ values }) => ({
    rank: Number(values["rank"]),
    entrant: values["entrant"] ?? "",
    score: Number(values["score"]),
    submissions: Number(values["submissions"]),
    best: values["best_submission_id"] ?? "",
    survives: values["survives"] === "" ? null : values["survives"] === "true",
  }));
}

function tableOf(path: string): { line: number; values: Record<string, string> }[] {
  try {
    return readTable(path).rows as { line: number; values: Record<string, string> }[];
  } catch (error) {
    throw new CliError(`${path} can't be read: ${(error as Error).message}`);
  }
}
