import { expect, test } from "bun:test";
import { CHUNK_BYTES } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, textOf } from "../../testing/factories.ts";
import { openFile } from "./open.ts";
import { putBlob } from "./put.ts";
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

async function textIn(member: Member, text: string) {
  const file = await openFile(member, sha256(text));
  return file && textOf(file);
}
