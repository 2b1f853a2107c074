import { describe, expect, test } from "bun:test";
import { CHUNK_BYTES, MAX_PACKED, packHeader } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { isMissing, packOfTexts } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, textOf } from "../../testing/factories.ts";
import { openFile } from "./open.ts";
import { putPack } from "./put-pack.ts";
import { ownedBlobs } from "./store.ts";

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

async function* inPieces(body: Uint8Array, pieceBytes: number) {
  for (let at = 0; at < body.byteLength; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}
async function textIn(member: Member, text: string) {
  const file = await openFile(member, sha256(text));
  return file && textOf(file);
}
