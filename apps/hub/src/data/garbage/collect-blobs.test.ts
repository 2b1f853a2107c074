import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import {
  describeLarge,
  failingAfterRemove,
  isMissing,
  largeBytes,
  pausedBefore,
  sendBlob,
  sendLarge,
} from "../../testing/blobs.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, makeTree, textOf } from "../../testing/factories.ts";
import { composeFile } from "../blobs/compose.ts";
import { openFile } from "../blobs/open.ts";
import { createTree } from "../create-tree.ts";
import { collectBlobs } from "./collect-blobs.ts";

const DAY_MS = 86_400_000;
const NOTHING = { blobs: 0, bytes: 0 };
const textIn = async (ctx: TestContext, hash: string) => {
  const file = await openFile(ctx, hash);
  return file && textOf(file);
};
const treeOf = (member: Member, path: string, text: string) =>
  member.db.transaction((tx) =>
    createTree(member, tx, {
      teamId: member.team.id,
      entries: [{ path, sha256: sha256(text), size: text.length, mode: 0o644 }],
    }),
  );

/** Members on a database of its own, whose blobs lie where no other test's do. */
const withMember = (run: (member: Member) => Promise<void>) =>
  withDatabase(async ({ db }) => run(await makeMember(systemContext(db))));

test("a file that nothing names goes a day after it was sent, one that a tree names stays", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const lost = await sendBlob(member, "lost");
    await makeTree(member, { kept: "kept" });
    member.clock.advance(DAY_MS);
    expect(await collectBlobs(member)).toEqual(NOTHING);
    member.clock.advance(1);
    expect(await collectBlobs(member)).toEqual({ blobs: 1, bytes: 4 });
    expect(await isMissing(member, lost)).toBe(true);
    expect(await member.blobs.read(lost)).toBeNull();
    expect(await textIn(member, sha256("kept"))).toBe("kept");
  }));

test("asking for a file keeps it, as sending it again does", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const [asked, sent] = [await sendBlob(member, "asked for"), await sendBlob(member, "sent again")];
    member.clock.advance(0.9 * DAY_MS);
    expect(await isMissing(member, asked)).toBe(false);
    await sendBlob(member, "sent again");
    member.clock.advance(0.9 * DAY_MS);
    expect(await collectBlobs(member)).toEqual(NOTHING);
    expect([await isMissing(member, asked), await isMissing(member, sent)]).toEqual([false, false]);
  }));

test("the chunks of a large file live and go with it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const bytes = largeBytes(2, 10);
    const name = await sendLarge(member, bytes);
    const entries = [{ path: "big", sha256: name, size: bytes.byteLength, mode: 0o644 as const }];
    const teamId = member.team.id;
    await member.db.transaction((tx) => createTree(member, tx, { teamId, entries }));
    const [shared] = describeLarge(bytes).chunks;
    const unnamed = await sendLarge(member, Buffer.concat([bytes.subarray(0, 8 * 1024 ** 2), bytes]));

    member.clock.advance(DAY_MS + 1);
    // The second file goes; of its chunks those that the first one has not.
    await collectBlobs(member);
    expect(await isMissing(member, unnamed)).toBe(true);
    expect(await isMissing(member, shared ?? "")).toBe(false);
    const file = await openFile(member, name);
    const read = Buffer.concat(await Array.fromAsync(file?.read(0, bytes.byteLength) ?? []));
    expect(sha256(read)).toBe(sha256(bytes));
  }));

test("who names a file while it is looked at keeps it", () =>
  withMember(async (member) => {
    const hash = await sendBlob(member, "about to be named");
    member.clock.advance(DAY_MS + 1);
    await member.db.transaction(async (tx) => {
      const entries = [{ path: "a", sha256: hash, size: 17, mode: 0o644 as const }];
      await createTree(member, tx, { teamId: member.team.id, entries });
      // Not committed yet: this look, on another connection, can't see the tree.
      expect(await collectBlobs(member)).toEqual(NOTHING);
    });
    expect(await collectBlobs(member)).toEqual(NOTHING);
    expect(await textIn(member, hash)).toBe("about to be named");
  }));

test("who composes a file while its chunks are looked at keeps them", () =>
  withMember(async (member) => {
    const bytes = largeBytes(1, 1);
    const { parts, ...file } = describeLarge(bytes);
    await sendLarge(member, bytes);
    member.clock.advance(0.6 * DAY_MS);
    const [chunk] = file.chunks;
    await sendBlob(member, "unnamed");
    await member.db.transaction(async (tx) => {
      const held = { ...member, db: tx as unknown as Member["db"] };
      await composeFile(held, { ...file, teamId: member.team.id });
      member.clock.advance(0.5 * DAY_MS);
      expect(await collectBlobs(member)).toEqual(NOTHING);
    });
    expect(await isMissing(member, chunk ?? "")).toBe(false);
  }));

test("a file that is doomed can't be named, and is whole again once it has been sent again", () =>
  withMember(async (member) => {
    const hash = await sendBlob(member, "doomed");
    member.clock.advance(DAY_MS + 1);
    await expect(collectBlobs(failingAfterRemove(member))).rejects.toThrow("the hub died here");

    // Its bytes are gone, its row is not: as after a crash between the two.
    expect(await member.blobs.read(hash)).toBeNull();
    expect(await isMissing(member, hash)).toBe(true);
    expect(await openFile(member, hash)).toBeNull();
    await expect(treeOf(member, "a", "doomed")).rejects.toMatchObject({ code: "invalid_request" });

    await sendBlob(member, "doomed");
    await treeOf(member, "a", "doomed");
    member.clock.advance(10 * DAY_MS);
    expect(await collectBlobs(member)).toEqual(NOTHING);
    expect(await textIn(member, hash)).toBe("doomed");
  }));

test("what a crash left doomed is removed by the next turn", () =>
  withMember(async (member) => {
    await sendBlob(member, "doomed");
    member.clock.advance(DAY_MS + 1);
    await expect(collectBlobs(failingAfterRemove(member))).rejects.toThrow("the hub died here");
    expect(await collectBlobs(member)).toEqual({ blobs: 1, bytes: 6 });
    expect(await collectBlobs(member)).toEqual(NOTHING);
  }));

test("sending a file that is being removed waits, and then stores it", () =>
  withMember(async (member) => {
    const hash = await sendBlob(member, "contested");
    member.clock.advance(DAY_MS + 1);
    const paused = pausedBefore(member, "remove");
    const collecting = collectBlobs(paused.ctx);
    await paused.reached;

    let sent = false;
    const sending = sendBlob(member, "contested").then(() => {
      sent = true;
    });
    expect(await isMissing(member, hash)).toBe(true);
    expect(sent).toBe(false);
    paused.goOn();
    await Promise.all([collecting, sending]);
    expect(await isMissing(member, hash)).toBe(false);
    expect(await textIn(member, hash)).toBe("contested");
  }));

test("a doomed file whose sender has begun is not removed under its hands", () =>
  withMember(async (member) => {
    const hash = await sendBlob(member, "contested");
    member.clock.advance(DAY_MS + 1);
    await expect(collectBlobs(failingAfterRemove(member))).rejects.toThrow("the hub died here");
    const paused = pausedBefore(member, "put");
    const sending = sendBlob(paused.ctx, "contested");
    await paused.reached;
    expect(await collectBlobs(member)).toEqual(NOTHING);
    paused.goOn();
    await sending;
    expect(await textIn(member, hash)).toBe("contested");
  }));

test("two hubs that collect at once remove each file once", () =>
  withMember(async (member) => {
    for (let n = 0; n < 30; n++) await sendBlob(member, `garbage ${n}`);
    member.clock.advance(DAY_MS + 1);
    const freed = await Promise.all([collectBlobs(member), collectBlobs(member), collectBlobs(member)]);
    expect(freed.reduce((sum, { blobs }) => sum + blobs, 0)).toBe(30);
  }));
