import { startRehearsal } from "../competitions/rehearsals/start.ts";
import { findCompetition } from "../competitions/store.ts";
import type { makeCompetition } from "./factories.ts";

/** Starts a rehearsal of a contest that was made, with its data. */
export async function rehearse({
  organizer,
  definition,
  data,
}: Awaited<ReturnType<typeof makeCompetition>>): Promise<{ id: string; name: string }> {
  const id = await organizer.db.transaction((tx) => startRehearsal(organizer, tx, { definition, data }));
  const found = await findCompetition(organizer.db, { id });
  return { id, name: found?.competition.name ?? "" };
}
