import type { Competition, RoundDefinition } from "@podium/shared";
import { competitionSchema } from "@podium/shared";
import { check } from "./check.ts";
import type { Durations } from "./durations.ts";
import { checkRound } from "./steps/check-round.ts";
import { closeRound } from "./steps/close-round.ts";
import { openAccounts } from "./steps/open-accounts.ts";
import { openCompetition } from "./steps/open-competition.ts";
import { type Played, playRound } from "./steps/play-round.ts";
import { serveWinner } from "./steps/serve-winner.ts";
import { showLedger } from "./steps/show-ledger.ts";
import { describeRow, watchBoard } from "./steps/watch-board.ts";
import type { Summary } from "./summary.ts";
import type { World } from "./world.ts";

/** The main job from sign-up to ledger. Throws when one of its promises does not hold. */
export async function play(world: World, durations: Durations): Promise<Summary> {
  await durations.time("accounts", () => openAccounts(world));
  const competition = await durations.time("competition", () => openCompetition(world));

  const rounds: Summary["rounds"] = [];
  const failures: Summary["failures"] = [];
  let played: Played | undefined;
  let entrants = world.script.participants.map((each) => each.team);
  for (const round of world.definition.rounds) {
    const mistakes = rounds.length === 0 ? world.script.failures : [];
    const outcome = await durations.time(round.name, () =>
      oneRound(world, competition, round, entrants, mistakes),
    );
    rounds.push(outcome.summary);
    failures.push(...outcome.played.failures);
    entrants = outcome.summary.survivors;
    played = outcome.played;
  }
  check(
    failures.length === world.script.failures.length,
    "every mistake on purpose was answered with a failure",
  );

  const winner = winnerOf(world, rounds, played);
  const inference = await durations.time("inference", () => serveWinner(world, winner, lastRound(world)));
  const ledger = await durations.time("ledger", () => showLedger(world, winner.team));
  return {
    competition: competition.name,
    rounds,
    failures,
    inference,
    ledger,
    durations_ms: durations.withTotal(),
  };
}

async function oneRound(
  world: World,
  { name }: Competition,
  round: RoundDefinition,
  entrants: readonly string[],
  mistakes: World["script"]["failures"],
) {
  world.display.note(`\n${round.title ?? round.name}: ${entrants.join(", ")}`);
  // Fetched again: a round's data gets its name only when the round opens.
  const competition = await world.organizer.ask(competitionSchema, ["competition", "show", name]);
  const watched = watchBoard(world, name, round.name);
  const playing = playRound(world, competition, round.name, entrants, mistakes).then(async (played) => {
    await closeRound(world, name, round.name);
    return played;
  });
  const [board, played] = await Promise.all([watched, playing]);
  world.display.note(`${round.name} has closed: ${board.rows.map(describeRow).join("   ")}`);
  const summary = await checkRound(world, name, round, board, entrants);
  world.display.note(`Survivors: ${summary.survivors.join(", ")}`);
  return { played, summary };
}

function lastRound(world: World): RoundDefinition {
  const round = world.definition.rounds.at(-1);
  if (!round) throw new Error("The competition has no rounds.");
  return round;
}

function winnerOf(world: World, rounds: Summary["rounds"], played: Played | undefined) {
  const team = rounds.at(-1)?.leaderboard[0]?.entrant ?? "";
  const session = played?.sessions.get(team);
  const player = world.script.participants.find((each) => each.team === team);
  if (session === undefined || !player) throw new Error(`The winner "${team}" is none of the participants.`);
  world.display.note(`\n${team} wins.`);
  return { team, session, checkpoint: player.checkpoint };
}
