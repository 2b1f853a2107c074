import { expect, test } from "bun:test";
import { readPack } from "@podium/shared";
import { sha256 } from "../../../platform/secrets.ts";
import {
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
import { readPacked } from "../../blobs/read-packed.ts";
import { findBlobs } from "../../blobs/store.ts";
import { blobPacks } from "../../schema.ts";
import { adoptOrphans } from "../adopt-orphans.ts";
import { collectBlobs } from "../collect-blobs.ts";
import { collectPacks } from "./collect-packs.ts";
import { rewritePacks } from "./rewrite-packs.ts";

const DAY_MS = 86_400_000;
const DEAD = "what nothing names ".repeat(50);
const KEPT = ["kept one", "kept two", "kept three"];

/** A member with as many packs as kept files, each with one of them and much that is dead; a day later. */
const withSparse = (run: (member: Member) => Promise<void>) =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    for (const text of KEPT) await sendPack(member, `${DEAD} ${text}`, text, `${text} ${DEAD}`);
    await keepFiles(member, ...KEPT);
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    await run(member);
  });
const packIds = async (member: Member) =>
  (await member.db.select().from(blobPacks)).map((pack) => pack.id).sort();
const rewrite = (member: Member) => rewritePacks(member, new Date(member.clock.now().getTime() - DAY_MS));
const placesOf = async (member: Member) =>
  new Set(
    (
      await findBlobs(
        member.db,
        KEPT.map((text) => sha256(text)),
      )
    ).map((blob) => blob.pack?.id),
  );
async function expectWhole(member: Member) {
  for (const text of KEPT) {
    const file = await openFile(member, sha256(text));
    expect(file && (await textOf(file))).toBe(text);
  }
}

test("what lives of packs that are mostly dead moves into one; they go a day later", () =>
  withSparse(async (member) => {
    const old = await packIds(member);
    const bytes = 3 * 36 + KEPT.join("").length;
    expect(await collectPacks(member)).toEqual({ packs: 0, bytes: 0, rewrittenBytes: bytes });
    expect((await placesOf(member)).size).toBe(1);
    await expectWhole(member);
    expect(await collectPacks(member)).toEqual({ packs: 0, bytes: 0, rewrittenBytes: 0 });
    // Who still reads the old ones, and a copy of the store behind one of the database, has a day.
    for (const id of old) expect(await member.blobs.packs.read(id)).not.toBeNull();
    member.clock.advance(DAY_MS + 1);
    expect(await collectPacks(member)).toMatchObject({ packs: 3, rewrittenBytes: 0 });
    for (const id of old) expect(await member.blobs.packs.read(id)).toBeNull();
    await expectWhole(member);
  }));

test("a pack of which half lives, or that is not a day old, stays as it is", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    await sendPack(member, "kept", "dead");
    await keepFiles(member, "kept");
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    expect(await rewrite(member)).toBe(0);
    await sendPack(member, "other kept", DEAD);
    await db.execute("delete from blobs where size > 100");
    expect(await rewrite(member)).toBe(0);
  }));

test("a hub that dies before the places are written has changed nothing; what it wrote goes", () =>
  withSparse(async (member) => {
    const old = await packIds(member);
    await expect(rewrite(failingAfterPack(member, "put"))).rejects.toThrow("the hub died here");
    expect(await packIds(member)).toEqual(old);
    await expectWhole(member);
    expect(await adoptOrphans(member)).toBeGreaterThanOrEqual(1);
    await collectPacks(member);
    member.clock.advance(DAY_MS + 1);
    await collectPacks(member);
    expect(await packIds(member)).toEqual([...(await placesOf(member))].map(String));
    await expectWhole(member);
  }));

test("two hubs that rewrite the same packs leave every file whole, once", () =>
  withSparse(async (member) => {
    const paused = pausedAtPack(member, "after");
    const slow = rewrite(paused.ctx);
    await paused.reached;
    await rewrite(member);
    const places = await placesOf(member);
    paused.goOn();
    await slow;
    expect(await placesOf(member)).toEqual(places);
    member.clock.advance(DAY_MS + 1);
    expect(await collectPacks(member)).toMatchObject({ packs: 4 });
    await expectWhole(member);
  }));

test("a file that went, or came anew, while its pack was rewritten is not moved", () =>
  withSparse(async (member) => {
    const paused = pausedAtPack(member, "after");
    const rewriting = rewrite(paused.ctx);
    await paused.reached;
    const [gone, again] = [sha256("kept one"), sha256("kept two")];
    await member.db.execute(`delete from tree_blobs`);
    await member.db.execute(`delete from blobs where sha256 = '${gone}'`);
    await member.db.execute(`update blobs set doomed_at = now() where sha256 = '${again}'`);
    await sendPack(member, "kept two");
    const [before] = await findBlobs(member.db, [again]);
    paused.goOn();
    await rewriting;
    expect(await isMissing(member, gone)).toBe(true);
    expect(await findBlobs(member.db, [again])).toEqual(before ? [before] : []);
    expect((await findBlobs(member.db, [sha256("kept three")]))[0]?.pack?.id).not.toBe(before?.pack?.id);
  }));

test("who names a file in a tree while it is moved does not wait, and keeps it", () =>
  withSparse(async (member) => {
    await member.db.transaction(async (tx) => {
      await keepFiles({ ...member, db: tx as unknown as Member["db"] }, ...KEPT);
      await rewrite(member);
    });
    await expectWhole(member);
  }));

test("who reads goes on reading when the pack is rewritten and removed under its hands", () =>
  withSparse(async (member) => {
    const file = await openFile(member, sha256("kept two"));
    const half = file?.read(0, 4);
    // Its places are looked up with the first piece: the second is read from where the files lie by then.
    const large = Array.from({ length: 3 }, (_, n) => `${n}`.repeat(900_000));
    await sendPack(member, ...large, DEAD.repeat(4_000));
    await keepFiles(member, ...large);
    const packed = readPacked(
      member,
      [...large, ...KEPT].map((text) => sha256(text)),
    );
    const pieces = [(await packed.next()).value as Uint8Array];
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    await collectPacks(member);
    member.clock.advance(DAY_MS + 1);
    expect((await collectPacks(member)).packs).toBe(4);

    expect(Buffer.concat(await Array.fromAsync(half ?? [])).toString()).toBe("kept");
    for await (const piece of packed) pieces.push(piece);
    const stream = (async function* () {
      yield* pieces;
    })();
    const texts = await Array.fromAsync(readPack(stream), ({ bytes }) => new TextDecoder().decode(bytes));
    expect(texts.map((text) => sha256(text))).toEqual([...large, ...KEPT].map((text) => sha256(text)));
  }));

test("a pack that is damaged or lost is not rewritten; the others are", () =>
  withSparse(async (member) => {
    const damaged = (await findBlobs(member.db, [sha256("kept one")]))[0]?.pack;
    const lost = (await findBlobs(member.db, [sha256("kept two")]))[0]?.pack;
    const read = async (...args: Parameters<typeof member.blobs.packs.read>) => {
      const bytes = args[0] === lost?.id ? null : await member.blobs.packs.read(...args);
      if (bytes && args[0] === damaged?.id) bytes[damaged.offset] = 0;
      return bytes;
    };
    expect(await rewrite(withPacks(member, { read }))).toBe(36 + "kept three".length);
    expect((await placesOf(member)).size).toBe(3);
    await expectWhole(member);
  }));
