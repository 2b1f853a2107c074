import type { Competition, Session } from "@podium/shared";
import type { DemoScript } from "../../../examples/lib/demo-script.ts";
import { check } from "../check.ts";
import type { Summary } from "../summary.ts";
import { datasetOf, type World } from "../world.ts";
import { prepareMistake, submitMistake } from "./fail-on-purpose.ts";
import { submit } from "./submit.ts";
import { train } from "./train.ts";

type Participant = DemoScript["participants"][number];
type Mistake = DemoScript["failures"][number];

export interface Played {
  failures: Summary["failures"];
  /** Name of the session whose checkpoint each team submitted. */
  sessions: Map<string, string>;
}

/** All entrants of a round at once: each trains and submits; who makes a mistake makes it before the honest try. */
export async function playRound(
  world: World,
  competition: Competition,
  roundName: string,
  entrants: readonly string[],
  mistakes: readonly Mistake[],
): Promise<Played> {
  const dataset = datasetOf(competition, roundName);
  const played: Played = { failures: [], sessions: new Map() };
  const players = world.script.participants.filter((each) => entrants.includes(each.team));
  await Promise.all(
    players.map(async (player) => {
      const own = mistakes.filter((each) => each.team === player.team);
      const [session, ...prepared] = await Promise.all([
        train(world, player, dataset),
        ...own.map((mistake) => prepareMistake(world, mistake, competition.name, dataset)),
      ]);
      for (const each of prepared) played.failures.push(await submitMistake(world, each));
      await submitHonestly(world, player, session);
      played.sessions.set(player.team, session.name);
    }),
  );
  return played;
}

async function submitHonestly(world: World, player: Participant, session: Session): Promise<void> {
  const submission = await submit(world, player.team, [session.name, player.checkpoint]);
  check(
    submission.state === "scored",
    `${player.team}'s submission is scored (${submission.failure?.message ?? submission.state})`,
  );
  world.display.state(player.team, `scored ${Number(submission.score?.toPrecision(5))}`);
}
