import type { CompetitionDefinition } from "@podium/shared";
import type { Cli } from "../cli.ts";
import { createApi, ok } from "../client.ts";
import { CliError } from "../errors.ts";
import { formatNumber } from "../quantities.ts";
import type { Competition } from "../types.ts";
import { type Check, doubtful, good, wrong } from "./check.ts";
import { rehearseModel } from "./rehearse-model.ts";
import { type RoundRehearsal, rehearseFiles, rehearseLimits } from "./rehearse-round.ts";
import { Stage } from "./stage.ts";
import { staged } from "./staged.ts";

const CONCLUDING_MS = 2 * 60_000;
/** The labels, a constant, and what is scored although it should not be; a model. */
const TRIES = 6;

interface Given {
  folder: string;
  definition: CompetitionDefinition;
  team: string | undefined;
  submissions: readonly string[];
  code: readonly string[];
  add(check: Check): void;
}

/**
 * Plays a contest on a stage of the hub, round after round: data, scores, hostile submissions, limits, board and survivors.
 * The stage is taken away whatever happens. Throws a `CliError` when the hub refuses to set it up.
 */
export async function rehearseContest(cli: Cli, given: Given, signal: AbortSignal): Promise<void> {
  const { folder, team, submissions, code, add } = given;
  const tries = TRIES + submissions.length + code.length;
  const onStage = { folder, definition: staged(given.definition, tries), team };
  const stage = await Stage.open(cli, onStage, signal);
  try {
    for (const [index, round] of given.definition.rounds.entries()) {
      const { definition } = given;
      const part = { cli, stage, folder, definition, round, submissions, code, tries, add };
      await rehearseData(cli, part, index);
      const file = round.accepts.includes("predictions") ? await rehearseFiles(part) : null;
      await rehearseModel(cli, part);
      await rehearseLimits(part, file);
      if (!(await rehearseEnd(cli, part, index))) return;
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    add(wrong("the rehearsal", `ended early: ${error.message}`));
  } finally {
    await stage.close();
  }
}

/** A round's training data is there from its opening on, for its entrants alone. */
async function rehearseData(cli: Cli, { stage, round, add }: RoundRehearsal, index: number): Promise<void> {
  const what = `${round.name}: data`;
  const { rounds } = await stage.competition();
  const early = rounds.slice(index + 1).find(({ dataset }) => dataset !== null);
  const [team = "", name = ""] = rounds[index]?.dataset?.split("/") ?? [];
  if (name === "") return add(wrong(what, "is not there though the round is open: please report this"));
  if (early) return add(wrong(what, `that of ${early.name} is shown before it opens: please report this`));
  const params = { path: { team, name } };
  const { visibility } = await ok(cli.api().GET("/api/v1/datasets/{team}/{name}", { params }));
  const stranger = await createApi(cli.api().url, null).GET("/api/v1/datasets/{team}/{name}", { params });
  if (visibility !== "private" || stranger.response.ok)
    return add(wrong(what, "is not private: please report this"));
  add(
    good(
      what,
      `opened with the round, for its entrants alone${index + 1 < rounds.length ? "; later rounds' is not" : ""}`,
    ),
  );
}

/** The board, the end of the round, and who goes on. @returns whether there is somebody to go on with */
async function rehearseEnd(cli: Cli, part: RoundRehearsal, index: number): Promise<boolean> {
  const { stage, round, definition, add } = part;
  const next = definition.rounds[index + 1];
  const what = `${round.name}: board and survivors`;
  const competition = await stage.closeRound(round.name, CONCLUDING_MS);
  const row = await bestRow(cli, competition, round.name);
  if (row === null) {
    add(doubtful(what, "nothing was scored, so that there is nobody to rank"));
    return "all" in round.survivors && next !== undefined;
  }
  const stands = `its one entrant stands there with ${formatNumber(row.score)}`;
  if (next === undefined) {
    add(good(what, `the round closed, and ${stands}`));
    return false;
  }
  if (row.survives !== true) {
    const rule = JSON.stringify(round.survivors);
    add(wrong(what, `${stands} and does not enter ${next.name}: is the rule ${rule} within reach?`));
    return false;
  }
  add(good(what, `the round closed, ${stands} and has entered ${next.name}`));
  return true;
}

async function bestRow(cli: Cli, { name }: Competition, round: string) {
  const params = { path: { name, round }, query: { board: "private" as const, limit: 1 } };
  const board = await ok(cli.api().GET("/api/v1/competitions/{name}/rounds/{round}/leaderboard", { params }));
  return board.rows[0] ?? null;
}
