import { DomainError } from "@podium/shared";
import { and, eq } from "drizzle-orm";
import type { Context } from "./context.ts";
import type { Tx } from "./database.ts";
import { idempotencyKeys } from "./schema.ts";

/**
 * Runs a verb's writes in one transaction. When the request carried an Idempotency-Key, its answer is stored in
 * the same transaction, so that a retry gets the first answer and changes nothing, whenever the first one crashed.
 * The result must survive a JSON round trip.
 */
export async function inTransaction<T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { idempotency } = ctx;
  return ctx.db.transaction(async (tx) => {
    if (!idempotency) return work(tx);
    const stored = await claimKey(ctx, tx, idempotency);
    if (stored) return stored.result as T;

    const result = await work(tx);
    await tx
      .update(idempotencyKeys)
      .set({ result: { value: result } })
      .where(and(eq(idempotencyKeys.actor, idempotency.actor), eq(idempotencyKeys.key, idempotency.key)));
    return result;
  });
}

/** Null: this request is the first with its key. A concurrent one waits on the row until the first has ended. */
async function claimKey(
  ctx: Context,
  tx: Tx,
  { actor, key, fingerprint }: NonNullable<Context["idempotency"]>,
) {
  const inserted = await tx
    .insert(idempotencyKeys)
    .values({ actor, key, fingerprint, createdAt: ctx.clock.now() })
    .onConflictDoNothing()
    .returning();
  if (inserted.length > 0) return null;

  const [row] = await tx
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.actor, actor), eq(idempotencyKeys.key, key)));
  if (!row || row.fingerprint !== fingerprint) {
    throw new DomainError(
      "idempotency_mismatch",
      "This Idempotency-Key was used for another request. Use a new key.",
    );
  }
  return { result: (row.result as { value: unknown } | null)?.value };
}
