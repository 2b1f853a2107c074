import { ledgerEntrySchema, ledgerSummarySchema } from "@podium/shared";
import { z } from "zod";
import { check } from "../check.ts";
import type { Summary } from "../summary.ts";
import type { World } from "../world.ts";

const credits = (microcredits: number) => (microcredits / 1e6).toFixed(4);

/** The ledger as the administrator sees it: what each team was given and paid for, and that all of it sums to zero. */
export async function showLedger(world: World): Promise<Summary["ledger"]> {
  const { admin, display } = world;
  const summary = await admin.ask(ledgerSummarySchema, ["admin", "ledger"]);
  check(summary.sum === 0, `the ledger sums to zero (it sums to ${summary.sum})`);
  const names = [world.organizer, ...world.participants.values()].map((person) => person.name);
  const teams = summary.teams.filter((balance) => names.includes(balance.team));
  const rows = await Promise.all(
    teams.map(async (balance) => ({ ...balance, granted: await grantedTo(world, balance.team) })),
  );

  display.note("\nWhat each team was given, has paid and has left (credits):");
  for (const { team, granted, spent, available } of rows) {
    display.note(
      `  ${team.padEnd(14)} ${credits(granted).padStart(10)} ${credits(spent).padStart(10)} ${credits(available).padStart(10)}`,
    );
  }
  display.note(`  The sum of all entries is ${summary.sum}.`);
  check(
    rows.every((row) => row.granted === row.available + row.held + row.spent),
    "each team has what it was given less what it paid",
  );
  const byTeam = rows.map(({ team, granted, spent, held, available }) => [
    team,
    { granted, spent, held, available },
  ]);
  return { sum: summary.sum, by_team: Object.fromEntries(byTeam) };
}

async function grantedTo(world: World, team: string): Promise<number> {
  const entries = await world.admin.ask(z.array(ledgerEntrySchema), ["ledger", "--team", team, "-n", "1000"]);
  return entries.filter((entry) => entry.kind === "grant").reduce((sum, entry) => sum + entry.amount, 0);
}
