import { roundSchema } from "@podium/shared";
import type { World } from "../world.ts";

/** The organizer closes a round; its survivors may go on. */
export async function closeRound(world: World, competition: string, round: string): Promise<void> {
  await world.organizer.ask(roundSchema, ["competition", "close", competition, round]);
}
