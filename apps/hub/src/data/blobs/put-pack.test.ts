import { describe, expect, test } from "bun:test";
import { CHUNK_BYTES, MAX_PACKED, packHeader } from "@podium/shared";
import type { Db } from "../../platform/database.ts";
import { sha256 } from "../../platform/secrets.ts";
import {
  failingAfterPack,
  isMissing,
  packOfTexts,
  pausedAtPack,
  sendBlob,
  sendPack,
  withPacks,
} from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, textOf } from "../../testing/factories.ts";
import { blobPacks, blobs } from "../schema.ts";
import { openFile } from "./open.ts";
import { putPack } from "./put-pack.ts";
import { findBlobs, ownedBlobs } from "./store.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a pack", () => {
  const send = (member: Member, body: Uint8Array, pieceBytes = 100) =>
    putPack(member, { teamId: member.team.id, body: inPieces(body, pieceBytes) });

  test("is stored whole, the same file in it twice too", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const pack = packOfTexts("one", "two", "", "one");
      expect(await send(member, pack, 7)).toEqual({ stored: 4, size_bytes: 6 });
      for (const text of ["one", "two", ""]) expect(await textIn(member, text)).toBe(text);
      expect(await send(member, pack)).toEqual({ stored: 4, size_bytes: 6 });
    }));

  test("of nothing is one", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      expect(await send(member, new Uint8Array(0))).toEqual({ stored: 0, size_bytes: 0 });
    }));

  test("with a damaged file is refused by its name, and none of its files counts as sent", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const damaged = packOfTexts("whole in a damaged pack", "damaged");
      damaged[damaged.byteLength - 1] = 0;
      await expect(send(member, damaged)).rejects.toMatchObject({
        code: "hash_mismatch",
        details: { sha256: sha256("damaged") },
      });
      expect(await isMissing(member, sha256("whole in a damaged pack"))).toBe(true);
    }));

  test("that was cut, or is none at all, is refused in words", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      for (const [bad, message] of [
        [packOfTexts("cut off").subarray(0, -1), "ends in the middle of a blob"],
        [packOfTexts("cut off").subarray(0, 20), "ends in the middle of a blob"],
        [bytes("x".repeat(200)), "says that a blob has 2021161080 bytes"],
      ] as const) {
        await expect(send(member, bad)).rejects.toMatchObject({
          code: "invalid_request",
          message: expect.stringContaining(message),
        });
      }
    }));

  test("of too many files, or too many bytes, is refused", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const one = packOfTexts("");
      const many = Buffer.concat(Array.from({ length: MAX_PACKED + 1 }, () => one));
      await expect(send(member, many, 10_000)).rejects.toMatchObject({ code: "invalid_request" });
      const chunk = new Uint8Array(CHUNK_BYTES);
      const heavy = Buffer.concat([packHeader(sha256(chunk), chunk.byteLength), chunk]);
      const endless = async function* () {
        for (let n = 0; n < 20; n++) yield heavy;
      };
      const sending = putPack(member, { teamId: member.team.id, body: endless() });
      await expect(sending).rejects.toMatchObject({ code: "payload_too_large" });
    }));

  test("sent by two teams at once, in two orders, is both teams'", () =>
    withDatabase(async ({ db }) => {
      const ctx = systemContext(db);
      const members = [await makeMember(ctx), await makeMember(ctx)];
      const texts = Array.from({ length: 300 }, (_, n) => `shared ${n}`);
      const packs = [packOfTexts(...texts), packOfTexts(...texts.toReversed())];
      await Promise.all(members.flatMap((member) => packs.map((pack) => send(member, pack, 5000))));
      for (const { team } of members)
        expect((await ownedBlobs(db, team.id, texts.map(sha256))).size).toBe(texts.length);
    }));
});

describe("of a pack, what is there already", () => {
  /** A member, and how often a pack was written. */
  const counting = (member: Member) => {
    const written: { id: string; bytes: number }[] = [];
    const put = async (id: string, bytes: Uint8Array) => {
      written.push({ id, bytes: bytes.byteLength });
      await member.blobs.packs.put(id, bytes);
    };
    return { member: withPacks(member, { put }), written };
  };

  test("is not written again, and belongs to the second team too", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [ann, bob] = [counting(await makeMember(ctx)), counting(await makeMember(ctx))];
      await sendPack(ann.member, "one", "two");
      await sendPack(bob.member, "two", "three");
      await sendPack(bob.member, "two", "three");
      expect([ann.written.length, bob.written.map(({ bytes }) => bytes)]).toEqual([1, [36 + 5]]);
      const names = ["one", "two", "three"].map((text) => sha256(text));
      expect([...(await ownedBlobs(db, bob.member.team.id, names)).keys()].sort()).toEqual(
        names.slice(1).sort(),
      );
      for (const text of ["one", "two", "three"]) expect(await textIn(ann.member, text)).toBe(text);
    }));

  test("as an object of its own stays one", () =>
    withRollback(async (db) => {
      const { member, written } = counting(await makeMember(systemContext(db)));
      await sendBlob(member, "alone");
      await sendPack(member, "alone");
      expect(written).toEqual([]);
      expect(await textIn(member, "alone")).toBe("alone");
    }));

  test("but is doomed is written anew", () =>
    withDatabase(async ({ db }) => {
      const member = await makeMember(systemContext(db));
      await sendPack(member, "doomed");
      await db.update(blobs).set({ doomedAt: member.clock.now() });
      expect(await isMissing(member, sha256("doomed"))).toBe(true);
      const second = counting(member);
      await sendPack(second.member, "doomed");
      expect(second.written.length).toBe(1);
      await member.blobs.packs.remove((await packIds(db)).find((id) => id !== second.written[0]?.id) ?? "");
      expect(await textIn(member, "doomed")).toBe("doomed");
    }));

  test("is not known before both of two senders have stored it: the first one's bytes count", () =>
    withDatabase(async ({ db }) => {
      const ctx = systemContext(db);
      const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
      const paused = pausedAtPack(bob, "after");
      const sending = sendPack(paused.ctx, "both");
      await paused.reached;
      await sendPack(ann, "both");
      const [first] = await packIds(db);
      paused.goOn();
      await sending;
      expect(await findBlobs(db, [sha256("both")])).toMatchObject([{ pack: { id: first } }]);
      expect((await ownedBlobs(db, bob.team.id, [sha256("both")])).size).toBe(1);
      expect(await textIn(bob, "both")).toBe("both");
    }));
});

test("files of more than one stored pack are all there", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const texts = Array.from({ length: 30 }, (_, n) => `${n} `.repeat(1 + n * 15_000));
    await sendPack(member, ...texts);
    expect((await packIds(db)).length).toBeGreaterThan(1);
    for (const text of texts) expect((await textIn(member, text)) === text).toBe(true);
  }));

test("a pack that is refused leaves nothing in the store", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const stored: string[] = [];
    const put = async (id: string, bytes: Uint8Array) => {
      stored.push(id);
      await member.blobs.packs.put(id, bytes);
    };
    const large = "whole ".repeat(1_300_000);
    const damaged = packOfTexts(large, "also whole ".repeat(200_000), "damaged");
    damaged[damaged.byteLength - 1] = 0;
    const body = inPieces(damaged, 1_000_000);
    const sending = putPack(withPacks(member, { put }), { teamId: member.team.id, body });
    await expect(sending).rejects.toMatchObject({ code: "hash_mismatch" });
    expect(stored).toHaveLength(1);
    expect(await member.blobs.packs.read(stored[0] ?? "")).toBeNull();
  }));

test("a hub that dies before its rows are written has stored nothing that counts", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    await expect(sendPack(failingAfterPack(member, "put"), "died")).rejects.toThrow("the hub died here");
    expect(await isMissing(member, sha256("died"))).toBe(true);
    await sendPack(member, "died");
    expect(await textIn(member, "died")).toBe("died");
  }));

async function* inPieces(body: Uint8Array, pieceBytes: number) {
  for (let at = 0; at < body.byteLength; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}
async function textIn(member: Member, text: string) {
  const file = await openFile(member, sha256(text));
  return file && textOf(file);
}
const packIds = async (db: Db) => (await db.select().from(blobPacks)).map((pack) => pack.id);
