import { competitionDefinitionSchema } from "../../../packages/shared/src/index.ts";
import { must, type Person, push, signUp } from "../person.ts";
import type { Stage } from "./stage.ts";

/** Submissions of one entrant that may be under way at once. */
export const PENDING = 5;
/** People who sign up at once: each password is made slow to guess. */
const AT_ONCE = 4;

export interface Contest {
  hubUrl: string;
  name: string;
  organizer: Person;
  players: Person[];
  /** Rows of the hidden labels: row N's is N. */
  rows: number;
  stages: Stage[];
}

/** Makes a contest with a round for each stage; as many survive one as play the next. Whoever plays the first joins. */
export async function makeContest(
  hubUrl: string,
  organizer: Person,
  { name, rows, stages }: Pick<Contest, "name" | "rows" | "stages">,
): Promise<Contest> {
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name,
    title: "The load of a real contest",
    metric: { name: "mse" },
    rounds: stages.map((stage, index) => ({
      name: stage.name,
      train: "train",
      inputs: "inputs",
      labels: "labels.csv",
      target_field: "y",
      accepts: ["predictions"],
      survivors: { top: stages[index + 1]?.entrants ?? 1 },
      limits: { per_day: stage.maximum, total: stage.maximum, pending: PENDING },
    })),
  });
  const trees = {
    train: await push(organizer, hubUrl, { "train.csv": "id,y\n0,0\n" }),
    inputs: await push(organizer, hubUrl, { "inputs.csv": table("x", rows, (row) => row) }),
    labels: await push(organizer, hubUrl, { "labels.csv": table("y", rows, (row) => row) }),
  };
  const data = stages.map((stage) => ({ round: stage.name, ...trees }));
  must(await organizer.api.POST("/api/v1/competitions", { body: { definition, data } as never }));
  const players: Person[] = [];
  const most = stages[0]?.entrants ?? 0;
  const join = async () => {
    while (players.length < most) {
      const index = players.push(organizer) - 1;
      const player = await signUp(hubUrl, `${name}-${index + 1}`);
      must(
        await player.api.POST("/api/v1/competitions/{name}/entrants", {
          params: { path: { name } },
          body: {},
        }),
      );
      players[index] = player;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, join));
  return { hubUrl, name, organizer, players, rows, stages };
}

function table(column: string, rows: number, value: (row: number) => number | string): string {
  return `id,${column}\n${Array.from({ length: rows }, (_, row) => `${row},${value(row)}\n`).join("")}`;
}

/** Predictions that are right but for one row, by as much. */
export const predictionsOff = (rows: number, by: number) =>
  table("prediction", rows, (row) => (row === 0 ? by : row));

/** Their mean squared error. */
export const scoreOff = (rows: number, by: number) => (by * by) / rows;
