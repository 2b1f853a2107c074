import type { SQL } from "bun";
import { must, type Person, waitFor } from "../person.ts";
import { auditStage, sampleBoard } from "./audit.ts";
import { type Contest, predictionsOff } from "./make-contest.ts";
import { type Played, playStage, submitted } from "./play.ts";
import type { Stage } from "./stage.ts";
import { watchBoard } from "./watch-board.ts";

const SAMPLE_EVERY_MS = 1_000;
const SETTLED_WITHIN_MS = 180_000;

export interface Replayed extends Played {
  stage: Stage;
  problems: string[];
  /** how often the board was compared with its submissions, and how many of its rows */
  samples: number;
  rowsEqual: number;
  rowsBehind: number;
  /** ms from each submission's request until it counted on the board that somebody else reads */
  visible: number[];
  /** from the first request until the last submission counted */
  seconds: number;
}

/** Plays a stage, watched; closes its round; checks all that must hold, and that the right ones go on. */
export async function replayStage(contest: Contest, stage: Stage, sql: SQL): Promise<Replayed> {
  const { hubUrl, name, organizer } = contest;
  const of = { competition: name, round: stage.name, maximum: stage.maximum };
  const entrants = await entrantsOf(contest, stage);
  const board = watchBoard(contest, stage.name);
  const sampling = sampleOften(sql, name, stage.name);
  const played = await playStage(contest, stage, entrants);
  const more = await beyondLimit(contest, stage, entrants);
  await waitFor(`the last submission of ${stage.name} on the board`, SETTLED_WITHIN_MS, async () =>
    board.counted() >= played.accepted.length ? true : null,
  );
  const seconds = (board.lastChangeAt() - played.startedAt) / 1000;
  const samples = await sampling.stop();
  const visible = board.stop().delaysOf(played.accepted);
  const problems = [...samples.problems, ...more, ...(await auditStage(sql, of, played.accepted))];
  if (visible.length !== played.accepted.length) problems.push("some submissions never counted on the board");
  const params = { path: { name, round: stage.name } };
  await waitFor(`${stage.name} to close`, SETTLED_WITHIN_MS, async () => {
    const closed = await organizer.api.POST("/api/v1/competitions/{name}/rounds/{round}/close", { params });
    const shown = must(
      await organizer.api.GET("/api/v1/competitions/{name}", { params: { path: { name } } }),
    );
    if (closed.response.status >= 500) return null;
    return shown.rounds.find((round) => round.name === stage.name)?.state === "closed" ? true : null;
  });
  problems.push(...(await wrongOnBoards(hubUrl, organizer, name, stage.name)));
  return { ...played, ...samples, stage, problems, visible, seconds };
}

/** Who may play it: the heaviest of the stage are the first. */
async function entrantsOf({ name, organizer, players }: Contest, stage: Stage): Promise<Person[]> {
  const shown = must(await organizer.api.GET("/api/v1/competitions/{name}", { params: { path: { name } } }));
  const number = shown.rounds.find((round) => round.name === stage.name)?.number ?? 0;
  const page = must(
    await organizer.api.GET("/api/v1/competitions/{name}/entrants", {
      params: { path: { name }, query: { limit: 200 } },
    }),
  );
  const playing = new Set(
    page.items.filter(({ state, round }) => state === "active" && round === number).map(({ team }) => team),
  );
  const alive = players.filter(({ team }) => playing.has(team));
  if (alive.length < stage.entrants)
    throw new Error(`${alive.length} may play ${stage.name}, which needs ${stage.entrants}.`);
  return alive.slice(0, stage.entrants);
}

/** The heaviest entrant has made as many as it may: ten more at once are all refused. */
async function beyondLimit(contest: Contest, stage: Stage, entrants: readonly Person[]): Promise<string[]> {
  const [heaviest] = entrants;
  if (!heaviest) return [];
  const text = predictionsOff(contest.rows, 1);
  const tries = Array.from({ length: 10 }, (_, n) =>
    submitted(contest, heaviest, text, `beyond-${stage.name}-${n}`),
  );
  const passed = (await Promise.all(tries)).filter((answer) => answer !== "limit_reached");
  return passed.map((id) => `${id} was accepted beyond the limit of ${stage.maximum}`);
}

function sampleOften(sql: SQL, competition: string, round: string) {
  const found = { problems: [] as string[], samples: 0, rowsEqual: 0, rowsBehind: 0 };
  let isStopping = false;
  const sampling = (async () => {
    while (!isStopping) {
      const { problems, equal, behind } = await sampleBoard(sql, competition, round);
      found.problems.push(...problems);
      found.samples += 1;
      found.rowsEqual += equal;
      found.rowsBehind += behind;
      await Bun.sleep(SAMPLE_EVERY_MS);
    }
  })();
  return {
    async stop() {
      isStopping = true;
      await sampling;
      return found;
    },
  };
}

/** Both boards of a round that has ended, against what the hub works out from submissions alone. */
async function wrongOnBoards(hubUrl: string, organizer: Person, name: string, round: string) {
  const read = async (path: string) => {
    const headers = { authorization: `Bearer ${organizer.token}` };
    const answer = await fetch(`${hubUrl}/api/v1/competitions/${name}/rounds/${round}/leaderboard${path}`, {
      headers,
    });
    return (await answer.json()) as { rows: unknown[] };
  };
  const problems: string[] = [];
  for (const board of ["public", "private"]) {
    const stored = await read(`?limit=200&board=${board}`);
    const recomputed = await read(`/recomputed?board=${board}`);
    if (!Bun.deepEquals(stored.rows, recomputed.rows.slice(0, 200)))
      problems.push(`the ${board} board of ${round} is not what its submissions give`);
  }
  return problems;
}
