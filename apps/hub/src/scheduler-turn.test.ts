import { expect, test } from "bun:test";
import { holdLease } from "./platform/leader.ts";
import { schedulerTurn } from "./scheduler-turn.ts";
import { systemContext, type TestContext } from "./testing/context.ts";
import { withRollback } from "./testing/database.ts";
import { makeMember, makeRunningSession, reload } from "./testing/factories.ts";

/** A leader that has a turn every few seconds for so long. */
async function leads(ctx: TestContext, turn: ReturnType<typeof schedulerTurn>, ms: number): Promise<void> {
  const leadership = await holdLease(ctx.db, "scheduler", "test", 3_600_000);
  if (!leadership) throw new Error("the scheduler's lease is taken");
  for (let passed = 0; passed < ms; passed += 5_000) {
    ctx.clock.advance(5_000);
    await turn(leadership);
  }
}

test("a new leader gives silent nodes a lease's time, then takes back what they hold", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const turn = schedulerTurn({ ...member, actor: { kind: "system" } });
    member.clock.advance(member.settings.leaseMs * 5);

    await leads(member, turn, member.settings.leaseMs);
    expect((await reload(member, session)).state).toBe("running");
    await leads(member, turn, 15_000);
    expect((await reload(member, session)).state).toBe("queued");
  }));

test("a clock that ran an hour ahead for a moment stops nothing for an hour", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const turn = schedulerTurn({ ...member, actor: { kind: "system" } });
    await leads(member, turn, 10_000);
    member.clock.advance(3_600_000);
    await leads(member, turn, 5_000);
    member.clock.advance(-3_600_000);

    await leads(member, turn, 2 * member.settings.leaseMs + 10_000);
    expect((await reload(member, session)).state).toBe("queued");
  }));

test("a clock that is set back while the leader is at work stops nothing for an hour", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    let isAhead = true;
    const now = () => {
      const shown = new Date(member.clock.now().getTime() + (isAhead ? 3_600_000 : 0));
      isAhead = false;
      return shown;
    };
    const turn = schedulerTurn({ ...member, clock: { now }, actor: { kind: "system" } });

    await leads(member, turn, 2 * member.settings.leaseMs + 10_000);
    expect((await reload(member, session)).state).toBe("queued");
  }));

test("a clock that is set ahead while the leader is at work does not silence the nodes", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    let [reads, jumpsAt] = [0, Number.POSITIVE_INFINITY];
    const now = () => {
      reads += 1;
      if (reads === jumpsAt) member.clock.advance(3_600_000);
      return member.clock.now();
    };
    const turn = schedulerTurn({ ...member, clock: { now }, actor: { kind: "system" } });
    await leads(member, turn, 10_000);
    jumpsAt = reads + 2;
    await leads(member, turn, member.settings.leaseMs);
    expect((await reload(member, session)).state).toBe("running");
  }));
