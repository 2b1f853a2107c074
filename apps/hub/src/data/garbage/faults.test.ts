import { expect, test } from "bun:test";
import type { Db } from "../../platform/database.ts";
import { sha256 } from "../../platform/secrets.ts";
import { bytesOf, failingAfterRemove, isMissing, sendBlob } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { ownedBlobs } from "../blobs/store.ts";
import { adoptOrphans } from "./adopt-orphans.ts";
import { collectBlobs } from "./collect-blobs.ts";

const DAY_MS = 86_400_000;

test("a file sent again after its removal was given up keeps its bytes", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const [stuck, other] = [await sendBlob(member, "stuck a"), await sendBlob(member, "other a")];
    member.clock.advance(2 * DAY_MS);
    const slow = Promise.withResolvers<void>();
    const removed = Promise.withResolvers<void>();
    const remove = async (hash: string) => {
      if (hash === stuck) throw new Error("the store refuses this one");
      await Promise.race([slow.promise, Bun.sleep(5000)]);
      await member.blobs.remove(hash);
      removed.resolve();
    };
    const collected = collectBlobs({ ...member, blobs: { ...member.blobs, remove } }).catch(() => null);
    // The collector gives up on the first refusal, or waits for the slow one: either way nothing may be lost.
    await Promise.race([collected, Bun.sleep(1000)]);
    const sent = sendBlob(member, "other a");
    await Promise.race([sent, Bun.sleep(1000)]);
    slow.resolve();
    await Promise.all([collected, removed.promise, sent]);
    expect(await isMissing(member, other)).toBe(false);
    expect(await member.blobs.read(other)).toEqual(bytesOf("other a"));
  }));

test("one file that the store refuses to remove does not keep the others", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const [stuck, other] = [await sendBlob(member, "stuck b"), await sendBlob(member, "other b")];
    member.clock.advance(2 * DAY_MS);
    const remove = async (hash: string) => {
      if (hash === stuck) throw new Error("the store refuses this one");
      await member.blobs.remove(hash);
    };
    for (let turn = 0; turn < 3; turn++)
      await collectBlobs({ ...member, blobs: { ...member.blobs, remove } }).catch(() => null);
    const left = await db.execute("select sha256 from blobs");
    expect(left.rows).toEqual([{ sha256: stuck }]);
    expect(await member.blobs.read(other)).toBeNull();
  }));

/** The same database, whose next transaction begins two days later, after a collection. */
function standingStill(member: Member): Db {
  let stands = true;
  return new Proxy(member.db, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property !== "transaction") return typeof value === "function" ? value.bind(target) : value;
      return async (...work: Parameters<Db["transaction"]>) => {
        if (stands) {
          stands = false;
          member.clock.advance(2 * DAY_MS);
          await collectBlobs(member);
        }
        return target.transaction(...work);
      };
    },
  });
}

for (const [what, before] of [
  ["of a file that is there", async () => undefined],
  ["of a doomed file", async (member: Member) => collectBlobs(failingAfterRemove(member))],
] as const)
  test(`a sender ${what} that stands still before it writes its row leaves no row without bytes`, () =>
    withDatabase(async ({ db }) => {
      const member = await makeMember(systemContext(db));
      const hash = await sendBlob(member, "standing still");
      member.clock.advance(DAY_MS + 1);
      await before(member);
      const sending = sendBlob({ ...member, db: standingStill(member) }, "standing still");
      await expect(sending).rejects.toMatchObject({ code: "unavailable" });
      expect({ missing: await isMissing(member, hash), bytes: await member.blobs.read(hash) }).toEqual({
        missing: true,
        bytes: null,
      });
    }));

test("a file that went while orphans were looked for has its right size once it is sent again", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const hash = sha256("was here");
    const list = async function* (digits: string) {
      if (hash.startsWith(digits)) yield [hash];
    };
    await adoptOrphans({ ...member, blobs: { ...member.blobs, list } });
    await sendBlob(member, "was here");
    expect((await ownedBlobs(db, member.team.id, [hash])).get(hash)).toBe(8);
  }));
