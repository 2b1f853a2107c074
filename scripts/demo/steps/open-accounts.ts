import { balanceSchema, pricesSchema } from "@podium/shared";
import { z } from "zod";
import type { World } from "../world.ts";

/** Credits that each team gets, and what things cost: CPU time too, since a newcomer's machine has no GPU. */
const GRANT_CREDITS = "100";
const PRICES = ["--gpu-minute", "1", "--cpu-minute", "0.5", "--thousand-calls", "1"];

/** Everyone signs up; the administrator sets prices, names the organizer and gives each team credits. */
export async function openAccounts(world: World): Promise<void> {
  const { admin, organizer, participants, display } = world;
  const people = [organizer, ...participants.values()];
  await Promise.all([
    admin.logInHere().then(() => admin.ask(pricesSchema, ["admin", "prices", ...PRICES])),
    ...people.map((person) => person.signUp()),
  ]);
  await Promise.all([
    admin.ask(z.unknown(), ["admin", "role", organizer.logIn.email, "organizer"]),
    ...people.map((person) =>
      admin.ask(balanceSchema, ["admin", "grant", person.name, GRANT_CREDITS, "-m", "welcome"]),
    ),
  ]);
  display.note(`${people.length} people signed up; each team has ${GRANT_CREDITS} credits.`);
}
