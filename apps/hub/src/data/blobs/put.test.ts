import { describe, expect, test } from "bun:test";
import { CHUNK_BYTES, MAX_PACKED, packHeader } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { isMissing, packOfTexts } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, textOf } from "../../testing/factories.ts";
import { openFile } from "./open.ts";
import { putBlob, putPack } from "./put.ts";
import { ownedBlobs } from "./store.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (member: Member, text: string, hash = sha256(text)) =>
  putBlob(member, { teamId: member.team.id, sha256: hash, body: bytes(text) });

test("a file is stored once and belongs to each team that has sent it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    for (const member of [ann, bob, ann]) await put(member, "hello");

    const hash = sha256("hello");
    expect(await ctx.blobs.read(hash)).toEqual(bytes("hello"));
    expect(await ownedBlobs(db, ann.team.id, [hash])).toEqual(new Map([[hash, 5]]));
    expect((await ownedBlobs(db, bob.team.id, [hash])).size).toBe(1);
    // Knowing a hash gives nobody the file.
    expect((await ownedBlobs(db, eve.team.id, [hash])).size).toBe(0);
  }));

test("bytes that are not what was announced leave no row", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const wrong = sha256("something else");
    await expect(put(member, "hello", wrong)).rejects.toMatchObject({ code: "hash_mismatch" });
    expect((await ownedBlobs(db, member.team.id, [wrong])).size).toBe(0);
  }));

test("an empty file is a file", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await put(member, "");
    expect(await ownedBlobs(db, member.team.id, [sha256("")])).toEqual(new Map([[sha256(""), 0]]));
  }));

test("two teams that send the same file at once both own it", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const members = [await makeMember(ctx), await makeMember(ctx)];
    await Promise.all([...members, ...members].map((member) => put(member, "shared")));
    for (const { team } of members) expect((await ownedBlobs(db, team.id, [sha256("shared")])).size).toBe(1);
  }));

test("a blob of more than a chunk is refused while it comes", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    let sent = 0;
    const endless = (async function* () {
      for (;;) {
        sent += 1;
        yield new Uint8Array(CHUNK_BYTES / 2 + 1);
      }
    })();
    const putting = putBlob(member, { teamId: member.team.id, sha256: sha256(""), body: endless });
    await expect(putting).rejects.toMatchObject({
      code: "payload_too_large",
      details: { max_bytes: CHUNK_BYTES },
    });
    expect(sent).toBe(2);
  }));

test("an upload that breaks off, before or behind another, leaves nothing of itself", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const broken = async function* () {
      yield bytes("hel");
      throw new Error("the sender is gone");
    };
    const body = () => ({ teamId: member.team.id, sha256: sha256("hello"), body: broken() });
    await expect(putBlob(member, body())).rejects.toThrow("the sender is gone");
    await put(member, "hey");
    await expect(putBlob(member, body())).rejects.toThrow("the sender is gone");
    expect(await textIn(member, "hey")).toBe("hey");
    expect((await ownedBlobs(db, member.team.id, [sha256("hello")])).size).toBe(0);
  }));

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

async function* inPieces(body: Uint8Array, pieceBytes: number) {
  for (let at = 0; at < body.byteLength; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}
async function textIn(member: Member, text: string) {
  const file = await openFile(member, sha256(text));
  return file && textOf(file);
}
