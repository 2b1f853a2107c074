import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { UNNAMED_KEPT_MS } from "./kept.ts";
import type { BlobInPack } from "./pack-contents.ts";
import { holdBlobs, insertOwners, insertPacks, recordBlobs } from "./store.ts";

/** A pack whose bytes are durable. */
export interface NewPack {
  id: string;
  /** bytes */
  size: number;
  blobs: readonly BlobInPack[];
}

/** What a team has sent: everything in it is durably stored. */
interface Sent {
  teamId: string;
  /** when the first of these was touched */
  begun: Date;
  packs?: readonly NewPack[];
  /** stored as objects of their own */
  alone?: readonly { sha256: string; size: number }[];
  /** there before, and not stored again */
  present?: readonly string[];
}

/**
 * Writes the rows, unless so much time has passed that what was touched in the beginning may be gone again. Looked at
 * once the rows are locked: until the commit nobody can remove their bytes any more, however long it takes.
 * @throws DomainError `unavailable`
 */
export async function recordSent(ctx: Context, sent: Sent): Promise<void> {
  const { packs = [], alone = [], present = [], teamId, begun } = sent;
  const packed = packs.flatMap(({ id, blobs }) =>
    blobs.map(({ sha256, size, offset }) => ({ sha256, size, pack: { id, offset } })),
  );
  await ctx.db.transaction(async (tx) => {
    const now = ctx.clock.now();
    await insertPacks(tx, packs, now);
    await recordBlobs(tx, { blobs: [...packed, ...alone], teamId, now });
    const held = await holdBlobs(tx, present);
    await insertOwners(tx, teamId, present);
    const late = ctx.clock.now().getTime() - begun.getTime() >= UNNAMED_KEPT_MS / 4;
    if (late || held < present.length)
      throw new DomainError("unavailable", "Sending this took too long. Send it again.");
  });
}
