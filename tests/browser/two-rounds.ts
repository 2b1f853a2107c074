import { competitionDefinitionSchema } from "@podium/shared";
import type { components } from "@podium/shared/generated/api";
import type { Page } from "playwright-core";
import { must, type Person, push } from "../lib/person.ts";
import { type Account, csv } from "./hub.ts";

type Schemas = components["schemas"];

/**
 * Makes a contest in which the organizer decides by hand: of an open round "first", whose labels are 1, 2 and 3 and
 * whose best one survives, and a round "final" that opens in years.
 */
export async function makeTwoRounds(hubUrl: string, organizer: Person, name: string): Promise<void> {
  const trees = {
    train: await push(organizer, hubUrl, { "train.csv": csv("y", [5, 6]) }),
    inputs: await push(organizer, hubUrl, { "inputs.csv": csv("x", [10, 20, 30]) }),
    labels: await push(organizer, hubUrl, { "labels.csv": csv("y", [1, 2, 3]) }),
  };
  const round = { train: "train", inputs: "inputs", labels: "labels.csv", target_field: "y" };
  const definition = competitionDefinitionSchema.parse({
    version: 1,
    name,
    title: "Three numbers",
    metric: { name: "mse" },
    advance: "by_hand",
    leaderboard: { reveal: "by_hand" },
    rounds: [
      { ...round, name: "first", survivors: { top: 1 } },
      { ...round, name: "final", opens_at: "2099-01-01T00:00:00Z" },
    ],
  });
  const data = definition.rounds.map((each) => ({ round: each.name, ...trees }));
  // parsed optional fields may be undefined, the generated ones may only be absent: JSON makes them the same
  const body = { definition, data } as Schemas["CreateCompetition"];
  must(await organizer.api.POST("/api/v1/competitions", { body }));
}

/** Logs somebody in on a page, after whoever was logged in before has left it. */
export async function logInAs(page: Page, hubUrl: string, person: Account): Promise<void> {
  await page.goto(`${hubUrl}/account`);
  const leave = page.getByRole("button", { name: "Log out" });
  const address = page.getByLabel("E-mail");
  await leave.or(address).waitFor();
  if (await leave.isVisible()) await leave.click();
  await address.fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await leave.waitFor();
}
