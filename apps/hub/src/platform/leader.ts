import { and, eq, lt, sql } from "drizzle-orm";
import type { Context } from "./context.ts";
import type { Db, Tx } from "./database.ts";
import { leases } from "./schema.ts";

/** Proof of leadership, valid until the lease runs out; `assertLeader` checks it inside the write's transaction. */
export interface Leadership {
  name: string;
  holder: string;
  epoch: number;
}

/**
 * Takes or renews the lease called `name`. Compared on the database's clock, so that hubs need not agree on time.
 * @returns the leadership, or null while another holder's lease is live
 */
export async function holdLease(
  db: Db,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<Leadership | null> {
  const until = sql`now() + make_interval(secs => ${ttlMs / 1000})`;
  const [row] = await db
    .insert(leases)
    .values({ name, holder, epoch: 1, expiresAt: until as never })
    .onConflictDoUpdate({
      target: leases.name,
      set: {
        holder,
        expiresAt: until,
        epoch: sql`case when ${leases.holder} = ${holder} then ${leases.epoch} else ${leases.epoch} + 1 end`,
      },
      setWhere: sql`${leases.holder} = ${holder} or ${leases.expiresAt} < now()`,
    })
    .returning();
  return row ? { name, holder, epoch: row.epoch } : null;
}

/** Gives the lease up at once, so that a standby need not wait for it to run out. */
export async function releaseLease(db: Db, leadership: Leadership): Promise<void> {
  await db
    .update(leases)
    .set({ expiresAt: sql`now() - interval '1 second'` })
    .where(
      and(
        eq(leases.name, leadership.name),
        eq(leases.holder, leadership.holder),
        lt(sql`now()`, leases.expiresAt),
      ),
    );
}

/** True while the lease is still held under this epoch; locks it for the transaction, so a deposed leader's write is void. */
export async function isLeader(tx: Tx, leadership: Leadership): Promise<boolean> {
  const rows = await tx
    .select({ name: leases.name })
    .from(leases)
    .where(
      and(
        eq(leases.name, leadership.name),
        eq(leases.holder, leadership.holder),
        eq(leases.epoch, leadership.epoch),
      ),
    )
    .for("share");
  return rows.length === 1;
}

/** Runs `duty` while this hub leads, at the given pace and whenever `wake` is called. */
export function runAsLeader(
  ctx: Context,
  options: { name: string; holder: string; everyMs: number; ttlMs: number },
  duty: (leadership: Leadership) => Promise<void>,
) {
  let leadership: Leadership | null = null;
  let stopped = false;
  let wakeUp: () => void = () => undefined;
  let woken = false;

  const loop = (async () => {
    while (!stopped) {
      woken = false;
      try {
        leadership = await holdLease(ctx.db, options.name, options.holder, options.ttlMs);
        if (leadership) await duty(leadership);
      } catch (error) {
        ctx.log.error({ err: error, duty: options.name }, "a leader's duty failed; it is tried again");
        await Bun.sleep(500);
      }
      if (!woken && !stopped) {
        await Promise.race([
          Bun.sleep(options.everyMs),
          new Promise<void>((resolve) => {
            wakeUp = resolve;
          }),
        ]);
      }
    }
    if (leadership) await releaseLease(ctx.db, leadership).catch(() => undefined);
  })();

  const wake = () => {
    woken = true;
    wakeUp();
  };
  return {
    wake,
    isLeading: () => leadership !== null,
    async stop() {
      stopped = true;
      wake();
      await loop;
    },
  };
}
