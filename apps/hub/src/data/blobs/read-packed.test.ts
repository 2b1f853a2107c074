import { expect, test } from "bun:test";
import { readPack } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { sendBlob, sendPack, withPacks } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { readPacked } from "./read-packed.ts";

/** A member, and how many reads of packs its store has done. */
function counting(member: Member) {
  let reads = 0;
  const read = (...args: Parameters<typeof member.blobs.packs.read>) => {
    reads += 1;
    return member.blobs.packs.read(...args);
  };
  return { member: withPacks(member, { read }), reads: () => reads };
}
const textsOf = (member: Member, texts: readonly string[]) =>
  Array.fromAsync(
    readPack(
      readPacked(
        member,
        texts.map((text) => sha256(text)),
      ),
    ),
    ({ bytes }) => new TextDecoder().decode(bytes),
  );

test("files come in the order asked, wherever they lie, also the same one twice", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await sendPack(member, "a", "b", "", "c");
    await sendPack(member, "d", "e");
    await sendBlob(member, "alone");
    const asked = ["e", "alone", "c", "a", "", "b", "a", "d"];
    expect(await textsOf(member, asked)).toEqual(asked);
    expect(await textsOf(member, [""])).toEqual([""]);
    expect(await textsOf(member, [])).toEqual([]);
  }));

test("files that lie together are read together", () =>
  withRollback(async (db) => {
    const { member, reads } = counting(await makeMember(systemContext(db)));
    const texts = Array.from({ length: 300 }, (_, n) => `file ${n}`);
    await sendPack(member, ...texts);
    expect(await textsOf(member, texts.toReversed())).toEqual(texts.toReversed());
    expect(reads()).toBe(1);
    expect(await textsOf(member, texts.slice(100, 200))).toEqual(texts.slice(100, 200));
    expect(reads()).toBe(2);
  }));

test("what the store has lost is told, not left out", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await sendPack(member, "lost with its pack");
    const away = withPacks(member, { read: async () => null });
    await expect(textsOf(away, ["lost with its pack"])).rejects.toThrow("the store has none");
  }));
