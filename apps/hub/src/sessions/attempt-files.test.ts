import { describe, expect, test } from "bun:test";
import { readPack } from "@podium/shared";
import { createTree, putBlob } from "../data/index.ts";
import { sha256 } from "../platform/secrets.ts";
import { describeLarge, largeBytes, sendLarge } from "../testing/blobs.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  ENDED,
  loseNodes,
  type Member,
  makeMember,
  makeNode,
  makeRunningSession,
  makeTree,
  reload,
  report,
  textOf,
} from "../testing/factories.ts";
import { attemptOfNode, blobOfAttempt, outputTeam, packOfAttempt, treeOfAttempt } from "./attempt-files.ts";
import { type SessionRow, updateSession } from "./store.ts";

const node = (ctx: TestContext, nodeId: string | null) =>
  as(ctx, { kind: "node", nodeId: (nodeId ?? "none") as `nod_${string}` });

describe("a node speaks", () => {
  test("only for what was placed on it", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const session = await makeRunningSession(await makeMember(ctx));
      const id = session.attemptId ?? "";
      expect((await attemptOfNode(node(ctx, session.nodeId), id, 1)).session.id).toBe(session.id);
      const other = node(ctx, await makeNode(ctx));
      await expect(attemptOfNode(other, id, 1)).rejects.toMatchObject({ code: "not_found" });
      await expect(attemptOfNode(ctx, id, 1)).rejects.toMatchObject({ code: "unauthenticated" });
      const unknown = attemptOfNode(node(ctx, session.nodeId), ctx.ids.next("attempt"), 1);
      await expect(unknown).rejects.toMatchObject({ code: "not_found" });
    }));

  test("not for an attempt that is over, was replaced, or with another epoch", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const ended = await makeRunningSession(member);
      const asNode = node(ctx, ended.nodeId);
      await expect(attemptOfNode(asNode, ended.attemptId ?? "", 2)).rejects.toMatchObject({
        code: "stale_epoch",
      });
      await report(ctx, ended, ENDED);
      await expect(attemptOfNode(asNode, ended.attemptId ?? "", 1)).rejects.toMatchObject({
        code: "stale_epoch",
      });

      const lost = await makeRunningSession(member);
      await loseNodes(ctx);
      const late = attemptOfNode(node(ctx, lost.nodeId), lost.attemptId ?? "", 1);
      await expect(late).rejects.toMatchObject({ code: "stale_epoch" });
    }));
});

describe("an attempt reads", () => {
  const FILE = "print('hello')\n";

  async function readable(
    member: Member,
    session: SessionRow,
    treeId: string,
    file: string,
  ): Promise<boolean[]> {
    const tree = treeOfAttempt(member, session, treeId).then(
      () => true,
      () => false,
    );
    const blob = blobOfAttempt(member, session, sha256(file)).then(
      () => true,
      () => false,
    );
    return Promise.all([tree, blob]);
  }

  test("its code; in training other trees of its team, which it may load checkpoints from", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const session = await makeRunningSession(member);
      expect(await readable(member, session, session.codeTree, FILE)).toEqual([true, true]);
      const other = await makeTree(member, { "model.bin": "weights\n" });
      expect(await readable(member, session, other, "weights\n")).toEqual([true, true]);
    }));

  test("nothing of another team", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
      const session = await makeRunningSession(member);
      const foreign = await makeTree(stranger, { "labels.csv": "id,rating\n" });
      expect(await readable(member, session, foreign, "id,rating\n")).toEqual([false, false]);
    }));

  test("where hidden inputs are mounted, what it mounts and nothing else", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, organizer] = [await makeMember(ctx), await makeMember(ctx)];
      const inputs = await makeTree(organizer, { "inputs.csv": "id\n1\n" });
      const labels = await makeTree(organizer, { "labels.csv": "id,y\n1,2\n" });
      const own = await makeTree(member, { "notes.txt": "mine\n" });
      const row = await makeRunningSession(member);
      const input = { tree_id: inputs, id_field: "id" };
      const hidden = { kind: "infer" as const, input, hidden: true, outputTeamId: organizer.team.id };
      await db.transaction((tx) => updateSession(tx, row.id, hidden));
      const session = await reload(ctx, row);
      expect(await readable(member, session, inputs, "id\n1\n")).toEqual([true, true]);
      expect(await readable(member, session, labels, "id,y\n1,2\n")).toEqual([false, false]);
      expect(await readable(member, session, own, "mine\n")).toEqual([false, false]);
      expect(outputTeam(session)).toBe(organizer.team.id);
    }));
});

describe("a pack for an attempt", () => {
  const packed = async (member: Member, session: SessionRow, ...files: string[]) => {
    const pack = await packOfAttempt(
      member,
      session,
      files.map((file) => sha256(file)),
    );
    return Array.fromAsync(readPack(pack), ({ bytes }) => new TextDecoder().decode(bytes));
  };

  test("holds files that it mounts, in the order asked; in training its team's others too", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const session = await makeRunningSession(member);
      await makeTree(member, { "model.bin": "weights" });
      const code = "print('hello')\n";
      expect(await packed(member, session, "weights", code, "weights")).toEqual(["weights", code, "weights"]);
    }));

  test("that asks for one file which it may not read is refused as a whole", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, organizer] = [await makeMember(ctx), await makeMember(ctx)];
      const inputs = await makeTree(organizer, { "inputs.csv": "id\n1\n" });
      await makeTree(organizer, { "labels.csv": "id,y\n1,2\n" });
      await makeTree(member, { "notes.txt": "mine\n" });
      const row = await makeRunningSession(member);
      const input = { tree_id: inputs, id_field: "id" };
      const hidden = { kind: "infer" as const, input, hidden: true, outputTeamId: organizer.team.id };
      await db.transaction((tx) => updateSession(tx, row.id, hidden));
      const session = await reload(ctx, row);
      expect(await packed(member, session, "id\n1\n")).toEqual(["id\n1\n"]);
      for (const file of ["id,y\n1,2\n", "mine\n", "nobody's"])
        await expect(packed(member, session, "id\n1\n", file)).rejects.toMatchObject({ code: "not_found" });
    }));

  test("a chunk of a mounted file is no file: it is read through the file's own name alone", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const [member, organizer] = [await makeMember(ctx), await makeMember(ctx)];
      const bytes = largeBytes(1, 3);
      const entry = { path: "inputs.csv", sha256: await sendLarge(organizer, bytes), size: bytes.byteLength };
      const entries = [{ ...entry, mode: 0o644 as const }];
      const teamId = organizer.team.id;
      const { id } = await db.transaction((tx) => createTree(organizer, tx, { teamId, entries }));
      const row = await makeRunningSession(member);
      const hidden = { kind: "infer" as const, input: { tree_id: id, id_field: "id" }, hidden: true };
      await db.transaction((tx) => updateSession(tx, row.id, hidden));
      const session = await reload(ctx, row);
      expect((await blobOfAttempt(member, session, entry.sha256)).size).toBe(bytes.byteLength);
      const [chunk = ""] = describeLarge(bytes).chunks;
      await expect(blobOfAttempt(member, session, chunk)).rejects.toMatchObject({ code: "not_found" });
    }));
});

test("what a session writes belongs to its team, and must be what its name says", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const session = await makeRunningSession(member);
    const bytes = new TextEncoder().encode("weights");
    const teamId = outputTeam(session);
    await putBlob(member, { teamId, sha256: sha256("weights"), body: bytes });
    expect(await textOf(await blobOfAttempt(member, session, sha256("weights")))).toBe("weights");
    const wrong = putBlob(member, { teamId, sha256: sha256("other"), body: bytes });
    await expect(wrong).rejects.toMatchObject({ code: "hash_mismatch" });
  }));
