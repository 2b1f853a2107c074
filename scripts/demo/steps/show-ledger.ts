import { ledgerEntrySchema, ledgerSummarySchema, sessionSchema } from "@podium/shared";
import { z } from "zod";
import { check } from "../check.ts";
import { answerOf } from "../hub-api.ts";
import type { Summary } from "../summary.ts";
import type { World } from "../world.ts";

type Entry = z.infer<typeof ledgerEntrySchema>;
type ByTeam = Summary["ledger"]["by_team"];

/** A gateway hands over what was called every few seconds. */
const USAGE_WITHIN_TRIES = 60;
const USAGE_WAIT_MS = 200;

/** The ledger as the administrator sees it: what each team was given and paid for, and that all of it sums to zero. */
export async function showLedger(world: World, caller: string): Promise<Summary["ledger"]> {
  const { admin, display } = world;
  await untilCallsAreBooked(world, caller);
  const [summary, training] = await Promise.all([
    admin.ask(ledgerSummarySchema, ["admin", "ledger"]),
    admin.ask(z.array(sessionSchema), ["ps", "-a", "--kind", "train", "-n", "1000"]),
  ]);
  check(summary.sum === 0, `the ledger sums to zero (it sums to ${summary.sum})`);

  const trained = new Set(training.map((session) => session.name));
  const names = [world.organizer, ...world.participants.values()].map((person) => person.name);
  const byTeam: ByTeam = {};
  display.note("\nWhat each team paid for, in credits:");
  for (const { team, available, held, spent } of summary.teams.filter((each) => names.includes(each.team))) {
    const entries = await entriesOf(world, team);
    const granted = total(entries.filter((entry) => entry.kind === "grant"));
    byTeam[team] = { granted, spent, held, available };
    check(granted === available + held + spent, `${team} has what it was given less what it paid`);
    display.note(`  ${team.padEnd(12)} ${credits(spent)}  ${describe(entries, trained, held)}`);
  }
  display.note(`  The sum of all entries of the ledger is ${summary.sum}.`);
  return { sum: summary.sum, by_team: byTeam };
}

function describe(entries: readonly Entry[], trained: ReadonlySet<string>, held: number): string {
  const settled = entries.filter((entry) => entry.kind === "settle");
  const parts = [
    { what: "training", amount: -total(settled.filter((entry) => trained.has(entry.memo))) },
    {
      what: "predicting for its submissions",
      amount: -total(settled.filter((entry) => !trained.has(entry.memo))),
    },
    { what: "refunded", amount: -total(entries.filter((entry) => entry.kind === "refund")) },
    { what: "calls of its endpoint", amount: -total(entries.filter((entry) => entry.kind === "usage")) },
    { what: "reserved for its running model", amount: held },
  ];
  const paid = parts.filter(({ amount }) => amount !== 0);
  return paid.length === 0
    ? "nothing"
    : paid.map(({ what, amount }) => `${what} ${credits(amount)}`).join(", ");
}

async function untilCallsAreBooked(world: World, team: string): Promise<void> {
  for (let attempt = 0; attempt < USAGE_WITHIN_TRIES; attempt++) {
    if ((await entriesOf(world, team)).some((entry) => entry.kind === "usage")) return;
    await Bun.sleep(USAGE_WAIT_MS);
  }
  check(false, `${team} pays for the calls of its endpoint`);
}

async function entriesOf(world: World, team: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let after = ""; ; ) {
    const answer = await answerOf(world, world.admin, `/teams/${team}/ledger?limit=200${after}`);
    const page = z.object({ items: z.array(ledgerEntrySchema), next: z.string().nullable() }).parse(answer);
    entries.push(...page.items);
    if (page.next === null) return entries;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

function total(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.amount, 0);
}

function credits(microcredits: number): string {
  return (microcredits / 1e6).toFixed(4);
}
