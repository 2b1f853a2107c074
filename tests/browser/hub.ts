import { competitionDefinitionSchema } from "@podium/shared";
import type { components, paths } from "@podium/shared/generated/api";
import createClient from "openapi-fetch";
import { logIn, must, type Person, push, waitFor } from "../lib/person.ts";

type Schemas = components["schemas"];

const SCORED_WITHIN_MS = 60_000;

/** Somebody with a log-in for the page, who also uses the API. */
export interface Account extends Person {
  email: string;
  password: string;
}

/** Makes an account whose log-in is known. */
export async function newAccount(hubUrl: string, name: string): Promise<Account> {
  const logInWith = { email: `${name}@podium.test`, password: `${name} keeps a secret` };
  const { response } = await createClient<paths>({ baseUrl: hubUrl }).POST("/api/v1/auth/sign-up", {
    body: { ...logInWith, name },
  });
  if (!response.ok) throw new Error(`No account for ${name}: ${await response.text()}`);
  return { ...(await logIn(hubUrl, logInWith)), ...logInWith, team: name };
}

/** Rows of a file: `id,COLUMN` and one row a value, with ids 1, 2, 3 … */
export const csv = (column: string, values: readonly number[]): string =>
  `id,${column}\n${values.map((value, index) => `${index + 1},${value}\n`).join("")}`;

/**
 * Makes a competition of one open round over three rows whose labels are 1, 2 and 3.
 * @param program the files of a scorer of its own, where `more` asks for one
 */
export async function makeCompetition(
  hubUrl: string,
  organizer: Person,
  name: string,
  description: string,
  more: Record<string, unknown> = {},
  program?: Record<string, string>,
): Promise<void> {
  const data = {
    ...(program ? { scorer: await push(organizer, hubUrl, program) } : {}),
    round: "only",
    train: await push(organizer, hubUrl, { "train.csv": csv("y", [5, 6]) }),
    inputs: await push(organizer, hubUrl, { "inputs.csv": csv("x", [10, 20, 30]) }),
    labels: await push(organizer, hubUrl, { "labels.csv": csv("y", [1, 2, 3]) }),
  };
  const round = { name: "only", train: "train", inputs: "inputs", labels: "labels.csv", target_field: "y" };
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name,
    title: "Three numbers",
    description,
    metric: { name: "mse" },
    rounds: [round],
    ...more,
  });
  // parsed optional fields may be undefined, the generated ones may only be absent: JSON makes them the same
  const body = { definition, data: [data] } as Schemas["CreateCompetition"];
  must(await organizer.api.POST("/api/v1/competitions", { body }));
}

/** Submits a prediction file; gives the submission once it is scored or has failed. */
export async function submitPredictions(
  hubUrl: string,
  entrant: Person,
  competition: string,
  text: string,
): Promise<Schemas["Submission"]> {
  const tree_id = await push(entrant, hubUrl, { "predictions.csv": text });
  const { id } = must(
    await entrant.api.POST("/api/v1/competitions/{name}/submissions", {
      params: { path: { name: competition } },
      body: { kind: "predictions", tree_id },
    }),
  );
  return waitFor(`the end of submission ${id}`, SCORED_WITHIN_MS, async () => {
    const now = must(await entrant.api.GET("/api/v1/submissions/{id}", { params: { path: { id } } }));
    return now.state === "scored" || now.state === "failed" ? now : null;
  });
}
