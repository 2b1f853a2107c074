import { expect, test } from "bun:test";
import { CHUNK_BYTES, composeFileSchema } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import { describeLarge, isMissing, largeBytes, sendBlob, sendLarge } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { createTree } from "../create-tree.ts";
import { readTreeBlob } from "../read-tree.ts";
import { composeFile } from "./compose.ts";
import { openFile } from "./open.ts";
import { putBlob } from "./put.ts";
import { recordBlobs } from "./store.ts";

const BYTES = largeBytes(1, 100);
const { parts: PARTS, ...FILE } = describeLarge(BYTES);
const compose = (member: Member, file: typeof FILE) =>
  composeFile(member, { ...file, teamId: member.team.id });
async function sendChunks(member: Member, parts: readonly Uint8Array[]) {
  for (const part of parts)
    await putBlob(member, { teamId: member.team.id, sha256: sha256(part), body: part });
}

test("a large file is named from its chunks, again and again, and a tree may hold it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await sendChunks(member, PARTS);
    expect(await isMissing(member, FILE.sha256)).toBe(true);
    await compose(member, FILE);
    await compose(member, FILE);
    expect(await isMissing(member, FILE.sha256)).toBe(false);
    const entries = [{ path: "big", sha256: FILE.sha256, size: FILE.size, mode: 0o644 as const }];
    const teamId = member.team.id;
    const tree = await db.transaction((tx) => createTree(member, tx, { teamId, entries }));
    expect(tree.size).toBe(BYTES.byteLength);
    const read = await Array.fromAsync((await openFile(member, FILE.sha256))?.read(0, FILE.size) ?? []);
    expect(Buffer.concat(read).equals(BYTES)).toBe(true);
  }));

test("any part of it is read, over the edge of a chunk too", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const file = await openFile(member, await sendLarge(member, BYTES));
    for (const [start, end] of [
      [0, 1],
      [CHUNK_BYTES - 1, CHUNK_BYTES + 1],
      [CHUNK_BYTES, CHUNK_BYTES + 100],
      [CHUNK_BYTES + 99, CHUNK_BYTES + 100],
      [5, 5],
    ] as const) {
      const read = Buffer.concat(await Array.fromAsync(file?.read(start, end) ?? []));
      expect(read.equals(BYTES.subarray(start, end))).toBe(true);
    }
  }));

test("a chunk that the team has not sent is named, though another team has sent it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await sendLarge(ann, BYTES);
    await sendChunks(eve, PARTS.slice(1));
    await expect(compose(eve, FILE)).rejects.toMatchObject({
      code: "invalid_request",
      details: {
        errors: [{ path: "chunks.0", message: expect.stringContaining("chunk 0 has not been sent") }],
      },
    });
    expect(await isMissing(eve, FILE.sha256)).toBe(true);
  }));

test("chunks in another order make another file", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await sendChunks(member, PARTS);
    const turned = compose(member, { ...FILE, chunks: FILE.chunks.toReversed() });
    await expect(turned).rejects.toMatchObject({ code: "hash_mismatch" });
  }));

test("only the last chunk may be smaller, and the sizes must add up", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await sendChunks(member, PARTS);
    const short = await sendBlob(member, "short");
    const chunks = [FILE.chunks[0] ?? "", short, FILE.chunks[1] ?? ""];
    const { sha256: name } = describeNames(chunks);
    const size = 2 * CHUNK_BYTES + 100;
    await expect(compose(member, { sha256: name, size, chunks })).rejects.toMatchObject({
      message: `chunk 1 has 5 bytes, not ${CHUNK_BYTES}`,
    });
    await expect(compose(member, { ...FILE, size: FILE.size + 1 })).rejects.toMatchObject({
      message: "chunk 1 has 100 bytes, not 101",
    });
    await expect(compose(member, { ...FILE, size: 3 * CHUNK_BYTES })).rejects.toMatchObject({
      message: expect.stringContaining("has 3 chunks"),
    });
  }));

test.each([
  { ...FILE, chunks: FILE.chunks.slice(1) },
  { ...FILE, size: CHUNK_BYTES },
  { ...FILE, size: 1e15 },
  { ...FILE, size: -1 },
  { ...FILE, sha256: "nonsense" },
  { ...FILE, chunks: ["x"] },
  { ...FILE, chunks: Array.from({ length: 40_000 }, () => FILE.sha256) },
])("absurd files are refused before anything is looked up (%#)", (file) => {
  expect(composeFileSchema.safeParse(file).success).toBe(false);
});

test("the same file composed by two teams at once is both teams'", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const members = [await makeMember(ctx), await makeMember(ctx)];
    for (const member of members) await sendChunks(member, PARTS);
    await Promise.all([...members, ...members].map((member) => compose(member, FILE)));
    for (const member of members) expect(await isMissing(member, FILE.sha256)).toBe(false);
  }));

function describeNames(chunks: string[]) {
  const digest = new Bun.CryptoHasher("sha512-256");
  for (const chunk of chunks) digest.update(Buffer.from(chunk, "hex"));
  return { sha256: digest.digest("hex") };
}

test("a large file from before there were chunks is refused with what to do, not answered damaged", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const entries = [{ path: "old", sha256: sha256("old"), size: CHUNK_BYTES + 1, mode: 0o644 as const }];
    const blobs = entries.map(({ sha256: name, size }) => ({ sha256: name, size }));
    const teamId = member.team.id;
    await db.transaction((tx) => recordBlobs(tx, { blobs, teamId, now: member.clock.now() }));
    const tree = await db.transaction((tx) => createTree(member, tx, { teamId, entries }));
    await expect(readTreeBlob(member, tree.id, sha256("old"))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Push it again"),
    });
  }));
