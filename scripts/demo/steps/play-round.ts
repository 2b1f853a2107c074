import type { Competition } from "@podium/shared";
import type { DemoScript } from "../../../examples/lib/demo-script.ts";
import { check } from "../check.ts";
import type { Summary } from "../summary.ts";
import { datasetOf, type World } from "../world.ts";
import { failOnPurpose } from "./fail-on-purpose.ts";
import { submit } from "./submit.ts";
import { train } from "./train.ts";

type Participant = DemoScript["participants"][number];
type Mistake = DemoScript["failures"][number];

export interface Played {
  failures: Summary["failures"];
  /** Name of the session whose checkpoint each team submitted. */
  sessions: Map<string, string>;
}

/** All entrants of a round at once: each trains and submits; who makes a mistake makes it before. */
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
      for (const mistake of mistakes.filter((each) => each.team === player.team)) {
        played.failures.push(await failOnPurpose(world, mistake, competition.name, dataset));
      }
      played.sessions.set(player.team, await trainAndSubmit(world, player, dataset));
    }),
  );
  return played;
}

async function trainAndSubmit(world: World, player: Participant, dataset: string): Promise<string> {
  const session = await train(world, player, dataset);
  const submission = await submit(world, player.team, [session.name, player.checkpoint]);
  check(
    submission.state === "scored",
    `${player.team}'s submission is scored (${submission.failure?.message ?? submission.state})`,
  );
  world.display.state(player.team, `scored ${submission.score}`);
  return session.name;
}
