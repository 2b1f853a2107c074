import { expect, test } from "bun:test";
import { listNodes } from "../nodes/index.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeNode } from "../testing/factories.ts";
import { nodeNamed } from "./node-named.ts";

test("a node is found by its name; none is none, and a wrong one says where to look", () =>
  withRollback(async (db) => {
    const id = await makeNode(systemContext(db));
    const [name = ""] = (await listNodes(db)).map(({ node }) => node.name);
    const named = (wanted: string | undefined) => db.transaction((tx) => nodeNamed(tx, wanted));
    expect((await named(name))?.id).toBe(id);
    expect(await named(undefined)).toBeNull();
    await expect(named("nowhere")).rejects.toThrow('There is no node "nowhere". All: podium nodes');
  }));
