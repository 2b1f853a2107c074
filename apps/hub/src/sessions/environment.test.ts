import { describe, expect, test } from "bun:test";
import { createSessionSchema } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { heartbeat, type Member, makeMember, makeNode, makeTree, place } from "../testing/factories.ts";
import { createSession } from "./create.ts";
import { showSession, visibleSession } from "./show.ts";
import { whyWaiting } from "./why.ts";

async function run(member: Member, files: Record<string, string>, more: Record<string, unknown> = {}) {
  const code_tree = await makeTree(member, { "main.py": "", ...files });
  const request = createSessionSchema.parse({ code_tree, ...more });
  return member.db.transaction((tx) => createSession(member, tx, request));
}

describe("the environment of a session", () => {
  test("is named by the files that say what to install, and by nothing else", () =>
    withRollback(async (db) => {
      const member = await makeMember(systemContext(db));
      const [bare, first, second, changed] = [
        await run(member, {}),
        await run(member, { "requirements.txt": "numpy\n", "main.py": "1" }),
        await run(member, { "requirements.txt": "numpy\n", "main.py": "2" }),
        await run(member, { "requirements.txt": "numpy==2\n", "main.py": "2" }),
      ];
      expect(bare).toMatchObject({ environment: null, image: null, droppedImage: null });
      expect(first.environment).toMatch(/^[0-9a-f]{64}$/);
      expect(second.environment).toBe(first.environment);
      expect(changed.environment).not.toBe(first.environment);
    }));

  test("is shown, and told to the node", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      const nodeId = await makeNode(ctx, 0, ["docker"]);
      const session = await run(member, { "requirements.txt": "numpy\n" }, { image: "ml" });
      const { environment } = session;
      const shown = showSession(await visibleSession(member, session.id));
      expect(shown).toMatchObject({ image: "ml:latest", environment, dropped_image: null });
      await place(ctx);
      const { attempts } = await heartbeat(ctx, nodeId);
      expect(attempts).toMatchObject([{ image: "ml:latest", environment, dropped_image: null }]);
    }));
});

describe("an image that was asked for", () => {
  test("is refused where no known node has Docker, in words", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx);
      await expect(run(member, {}, { image: "ml:1" })).rejects.toMatchObject({
        code: "no_node_fits",
        message: expect.stringContaining("no Docker to run the image ml:1"),
      });
    }));

  test("waits for a node with Docker, and says what the others lack", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx, 1, ["docker"]);
      await run(member, {}, { resources: { gpus: 1 } });
      await makeNode(ctx);
      const session = await run(member, {}, { image: "ml:1", resources: { gpus: 1 } });
      const { nodes } = await whyWaiting(ctx, session);
      expect(nodes.map(({ reason }) => reason).sort()).toEqual([
        "0 of 1 devices free",
        "no Docker to run the image ml:1",
      ]);
    }));

  test("comes before the one that the code names", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      await makeNode(ctx, 0, ["process", "docker"]);
      const session = await run(await makeMember(ctx), { "setup.py": "#nsml: old:1\n" }, { image: "ml:1" });
      expect(session).toMatchObject({ image: "ml:1", droppedImage: null });
    }));

  test.each(["--privileged", "a b", "", "UPPER"])("is no image reference: %j", (image) => {
    expect(createSessionSchema.safeParse({ code_tree: "a".repeat(64), image }).success).toBe(false);
  });
});

describe("an image that the code's first line names", () => {
  const files = { "setup.py": "# nsml: nsml/ml:1.0\nfrom setuptools import setup\n" };

  test("is used where a node could run it, setup.py's before requirements.txt's", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx);
      await makeNode(ctx, 0, ["docker"]);
      const requirements = { "requirements.txt": "#nsml: other:1\nnumpy\n" };
      expect(await run(member, requirements)).toMatchObject({ image: "other:1", droppedImage: null });
      expect(await run(member, { ...requirements, ...files })).toMatchObject({ image: "nsml/ml:1.0" });
    }));

  test("is dropped where no node could, and the session says so", () =>
    withRollback(async (db) => {
      const ctx = systemContext(db);
      const member = await makeMember(ctx);
      await makeNode(ctx, 1);
      await makeNode(ctx, 0, ["docker"]);
      const session = await run(member, files, { resources: { gpus: 1 } });
      expect(session).toMatchObject({ image: null, droppedImage: "nsml/ml:1.0" });
      const shown = showSession(await visibleSession(member, session.id));
      expect(shown).toMatchObject({ image: null, dropped_image: "nsml/ml:1.0" });
      const plain = await run(member, { "requirements.txt": "#nsml: Not An Image\n" });
      expect(plain).toMatchObject({ image: null, droppedImage: "Not" });
    }));
});
