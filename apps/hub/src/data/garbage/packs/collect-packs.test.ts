import { afterAll, beforeAll, expect, test } from "bun:test";
import { requires, testIf } from "../../../../../../scripts/testing/requires.ts";
import { startS3Server } from "../../../../../../scripts/testing/s3-server.ts";
import { createLog } from "../../../platform/log.ts";
import { createS3Store } from "../../../platform/s3-store.ts";
import { randomName, sha256 } from "../../../platform/secrets.ts";
import {
  bytesOf,
  failingAfterPack,
  isMissing,
  keepFiles,
  pausedAtPack,
  sendPack,
  withPacks,
} from "../../../testing/blobs.ts";
import { systemContext } from "../../../testing/context.ts";
import { withDatabase } from "../../../testing/database.ts";
import { type Member, makeMember, textOf } from "../../../testing/factories.ts";
import { openFile } from "../../blobs/open.ts";
import { putBlob } from "../../blobs/put.ts";
import { blobPacks } from "../../schema.ts";
import { adoptOrphans } from "../adopt-orphans.ts";
import { collectBlobs } from "../collect-blobs.ts";
import { collectPacks } from "./collect-packs.ts";

const DAY_MS = 86_400_000;
const NOTHING = { packs: 0, bytes: 0, rewrittenBytes: 0 };

let s3: Awaited<ReturnType<typeof startS3Server>> | undefined;
beforeAll(async () => {
  if (requires("s3").available) s3 = await startS3Server();
}, 60_000);
afterAll(() => s3?.stop());

/** Members on a database of its own, whose packs no other test knows. */
const withMember = (run: (member: Member) => Promise<void>) =>
  withDatabase(async ({ db }) => run(await makeMember(systemContext(db))));
const packs = (member: Member) => member.db.select().from(blobPacks);
const textIn = async (member: Member, text: string) => {
  const file = await openFile(member, sha256(text));
  return file && textOf(file);
};
/** One turn, as the hub makes it. */
async function collect(member: Member) {
  await collectBlobs(member);
  return collectPacks(member);
}

test("a pack goes when none of its files lives, and not before", () =>
  withMember(async (member) => {
    await sendPack(member, "gone", "gone too");
    const [pack] = await packs(member);
    member.clock.advance(DAY_MS);
    expect(await collect(member)).toEqual(NOTHING);
    member.clock.advance(1);
    expect(await collect(member)).toEqual({ ...NOTHING, packs: 1, bytes: 2 * 36 + 12 });
    expect([await packs(member), await member.blobs.packs.read(pack?.id ?? "")]).toEqual([[], null]);
    expect(await isMissing(member, sha256("gone"))).toBe(true);
  }));

test("a hub that dies after a pack's bytes went leaves a row, which the next turn removes", () =>
  withMember(async (member) => {
    await sendPack(member, "gone");
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    expect(await collectPacks(failingAfterPack(member, "remove"))).toEqual(NOTHING);
    expect(await packs(member)).toHaveLength(1);
    expect(await collect(member)).toMatchObject({ packs: 1 });
    expect(await packs(member)).toEqual([]);
  }));

test("two hubs that collect at once remove each pack once", () =>
  withMember(async (member) => {
    for (let n = 0; n < 10; n++) await sendPack(member, `garbage ${n}`);
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    const freed = await Promise.all([collectPacks(member), collectPacks(member), collectPacks(member)]);
    expect(freed.reduce((sum, turn) => sum + turn.packs, 0)).toBe(10);
  }));

test("a hub that is told to stop ends its turn at once", () =>
  withMember(async (member) => {
    await sendPack(member, "gone");
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    expect(await collectPacks(member, () => false)).toEqual(NOTHING);
    expect(await packs(member)).toHaveLength(1);
  }));

test("a file that is sent again while its pack goes is whole in another", () =>
  withMember(async (member) => {
    await sendPack(member, "contested");
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    const reached = Promise.withResolvers<void>();
    const going = Promise.withResolvers<void>();
    const remove = async (id: string) => {
      reached.resolve();
      await going.promise;
      await member.blobs.packs.remove(id);
    };
    const collecting = collectPacks(withPacks(member, { remove }));
    await reached.promise;
    await sendPack(member, "contested");
    going.resolve();
    expect(await collecting).toMatchObject({ packs: 1 });
    expect(await textIn(member, "contested")).toBe("contested");
    expect(await packs(member)).toHaveLength(1);
  }));

test("a pack that a dead hub left is found, and goes a day later", () =>
  withMember(async (member) => {
    const id = randomName();
    await member.blobs.packs.put(id, bytesOf("a hub died after this"));
    expect(await adoptOrphans(member)).toBeGreaterThanOrEqual(1);
    expect(await adoptOrphans(member)).toBe(0);
    member.clock.advance(DAY_MS);
    expect(await collect(member)).toEqual(NOTHING);
    member.clock.advance(1);
    await collect(member);
    expect(await member.blobs.packs.read(id)).toBeNull();
  }));

test("a pack that was found on its way in is not an orphan once it has arrived", () =>
  withMember(async (member) => {
    const paused = pausedAtPack(member, "after");
    const sending = sendPack(paused.ctx, "on its way");
    await paused.reached;
    await adoptOrphans(member);
    member.clock.advance(DAY_MS / 5);
    paused.goOn();
    await sending;
    await keepFiles(member, "on its way");
    member.clock.advance(DAY_MS + 1);
    expect(await collect(member)).toEqual(NOTHING);
    expect(await textIn(member, "on its way")).toBe("on its way");
  }));

test("a sender that stood still while its pack was found and removed names nothing", () =>
  withMember(async (member) => {
    const paused = pausedAtPack(member, "after");
    const sending = sendPack(paused.ctx, "standing still");
    await paused.reached;
    await adoptOrphans(member);
    member.clock.advance(DAY_MS + 1);
    await collect(member);
    paused.goOn();
    await expect(sending).rejects.toMatchObject({ code: "unavailable" });
    expect(await isMissing(member, sha256("standing still"))).toBe(true);
    expect(await packs(member)).toEqual([]);
  }));

testIf("s3", "packs in a bucket come, are read in part, are rewritten and go", () =>
  withMember(async (here) => {
    if (!s3) throw new Error("the S3 server is not there");
    const blobs = createS3Store({ ...s3.settings, prefix: "packs/" }, createLog("silent", "test"));
    const member = { ...here, blobs };
    const dead = ["dead ".repeat(100), "dead too ".repeat(100)];
    await sendPack(member, "kept", ...dead);
    await keepFiles(member, "kept");
    member.clock.advance(DAY_MS + 1);
    expect(await collect(member)).toEqual({ packs: 0, bytes: 0, rewrittenBytes: 36 + 4 });
    member.clock.advance(DAY_MS + 1);
    expect(await collect(member)).toMatchObject({ packs: 1, rewrittenBytes: 0 });
    expect(await textIn(member, "kept")).toBe("kept");
    expect(await adoptOrphans(member)).toBe(0);
  }),
);

testIf("s3", "a removal in a bucket that takes effect late takes nothing of what was sent again since", () =>
  withMember(async (here) => {
    if (!s3) throw new Error("the S3 server is not there");
    const blobs = createS3Store({ ...s3.settings, prefix: "late/" }, createLog("silent", "test"));
    const member = { ...here, blobs };
    const send = () =>
      putBlob(member, { teamId: member.team.id, sha256: sha256("again"), body: bytesOf("again") });
    await send();
    const [first] = await packs(member);
    member.clock.advance(DAY_MS + 1);
    expect(await collect(member)).toMatchObject({ packs: 1 });
    await send();
    await blobs.packs.remove(first?.id ?? "");
    await blobs.remove(sha256("again"));
    expect(await textIn(member, "again")).toBe("again");
  }),
);
