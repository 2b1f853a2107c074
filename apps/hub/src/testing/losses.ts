import { createTree, putBlob } from "../data/index.ts";
import { sha256 } from "../platform/secrets.ts";
import { insertScore } from "../scoring/store.ts";
import type { Member } from "./factories.ts";

/** Stores the losses of a submission's rows with a score, as the scorer does. */
export async function storeLosses(
  organizer: Member,
  submissionId: string,
  score: number,
  losses: readonly number[],
): Promise<void> {
  const body = new Uint8Array(Float64Array.from(losses).buffer);
  const name = sha256(body);
  const teamId = organizer.team.id;
  await putBlob(organizer, { teamId, sha256: name, body });
  const entries = [{ path: "score.f64", sha256: name, size: body.byteLength, mode: 0o644 as const }];
  await organizer.db.transaction(async (tx) => {
    const { id } = await createTree(organizer, tx, { teamId, entries });
    await insertScore(tx, {
      id: organizer.ids.next("score"),
      submissionId,
      scorerVersion: `test ${name}`,
      score,
      lossesTree: id,
      rows: losses.length,
      createdAt: organizer.clock.now(),
    });
  });
}
