import { type Submission, submissionSchema } from "@podium/shared";
import { participant, type World } from "../world.ts";

/** A participant submits and waits for the score or the failure. `what` is as typed after `podium submit`. */
export async function submit(world: World, team: string, what: readonly string[]): Promise<Submission> {
  const { display } = world;
  const { json } = await participant(world, team).attempt(
    submissionSchema,
    ["submit", ...what],
    { onErrLine: (line) => display.detail(team, line) },
    [0, 1],
  );
  return json;
}
