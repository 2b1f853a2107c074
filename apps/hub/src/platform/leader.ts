import { and, eq, lt, sql } from "drizzle-orm";
import { createAlarm } from "./alarm.ts";
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
 * A lease that had run out begins a new term, with a higher epoch, also for the holder that it had.
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
        epoch: sql`case when ${leases.expiresAt} < now() then ${leases.epoch} + 1 else ${leases.epoch} end`,
      },
      setWhere: sql`${leases.holder} = ${holder} or ${leases.expiresAt} < now()`,
    })
    .returning();
  return row ? { name, holder, epoch: row.epoch } : null;
}

/** Gives the lease up at once, so that a standby need not wait for it to run out. */
export async function releaseLease(db: Db, leadership: Pick<Leadership, "name" | "holder">): Promise<void> {
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

/** A leader that says nothing for so long in the middle of a transaction is stopped or gone: its locks must not stay. */
const SILENT_MS = 4_000;

/**
 * True while the lease is still held under this epoch; locks it for the transaction, so a deposed leader's write is
 * void. A process that is stopped while it holds the lock would keep every other from taking over: the database ends
 * such a transaction.
 */
export async function isLeader(tx: Tx, leadership: Leadership): Promise<boolean> {
  const limit = sql`set_config('idle_in_transaction_session_timeout', ${String(SILENT_MS)}, true)`;
  const rows = await tx
    .select({ name: leases.name, limit })
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

export interface Duty {
  name: string;
  holder: string;
  everyMs: number;
  ttlMs: number;
  /** Told after every turn whether this hub leads. */
  onTurn?: (leads: boolean) => void;
}

/** A turn that takes longer is thought to hang: its lease runs out, and another hub may take over. */
const MAX_TURN_MS = 60_000;
const PAUSE_AFTER_FAULT_MS = 500;

/** Runs `duty` while this hub leads, at the given pace and whenever `wake` is called. */
export function runAsLeader(
  ctx: Pick<Context, "db" | "log">,
  options: Duty,
  duty: (leadership: Leadership) => Promise<void>,
) {
  const { name, holder, ttlMs } = options;
  const alarm = createAlarm();
  let leadership: Leadership | null = null;
  let stopped = false;

  async function turn(): Promise<void> {
    leadership = await holdLease(ctx.db, name, holder, ttlMs);
    if (!leadership) return;
    let renewals = 0;
    let renewed: Promise<unknown> = Promise.resolve();
    const renewal = setInterval(() => {
      renewals += 1;
      if ((renewals * ttlMs) / 3 > MAX_TURN_MS) return clearInterval(renewal);
      // One that fails shows itself in the duty, which uses the same database.
      renewed = holdLease(ctx.db, name, holder, ttlMs).catch(() => undefined);
    }, ttlMs / 3);
    try {
      await duty(leadership);
    } finally {
      clearInterval(renewal);
      await renewed;
    }
  }

  const loop = (async () => {
    while (!stopped) {
      try {
        await turn();
      } catch (error) {
        leadership = null;
        ctx.log.error({ err: error, duty: name }, "a leader's duty failed; it is tried again");
        await Bun.sleep(PAUSE_AFTER_FAULT_MS);
      }
      options.onTurn?.(leadership !== null);
      if (!stopped) await alarm.wait(options.everyMs);
    }
    await releaseLease(ctx.db, { name, holder }).catch(() => undefined);
  })();

  return {
    wake: () => alarm.ring(),
    async stop() {
      stopped = true;
      alarm.ring();
      await loop;
    },
  };
}
