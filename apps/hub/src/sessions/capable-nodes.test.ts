import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { listNodes } from "../nodes/index.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { loseNodes, makeNode } from "../testing/factories.ts";
import { lacksWhenEmpty } from "./capable-nodes.ts";

test("says for every known node, lost ones too, what it would lack when empty", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    await makeNode(ctx, 1, ["process"]);
    await makeNode(ctx, 0, ["docker"]);
    await loseNodes(ctx);
    const lacks = async (gpus: number, image: string | null) =>
      (
        await db.transaction((tx) =>
          lacksWhenEmpty(tx, { resources: resourcesSchema.parse({ gpus }), image }, ctx.clock.now()),
        )
      )
        .map(({ reason }) => reason)
        .sort();
    expect(await lacks(0, null)).toEqual([null, null]);
    expect(await lacks(1, null)).toEqual(["0 of 1 devices free", null]);
    expect(await lacks(0, "ml:1")).toEqual(["no Docker to run the image ml:1", null]);
    expect(await lacks(1, "ml:1")).toEqual(["0 of 1 devices free", "no Docker to run the image ml:1"]);
  }));

test("those that miss it most narrowly come first; one that has been away for a week counts no more", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [none, three, one] = [await makeNode(ctx), await makeNode(ctx, 3), await makeNode(ctx, 1)];
    const names = new Map((await listNodes(db)).map(({ node }) => [node.name, node.id]));
    const order = async () => {
      const needs = { resources: resourcesSchema.parse({ gpus: 4 }), image: null };
      const lacks = await db.transaction((tx) => lacksWhenEmpty(tx, needs, ctx.clock.now()));
      return lacks.map(({ node }) => names.get(node));
    };
    expect(await order()).toEqual([three, one, none] as string[]);
    ctx.clock.advance(6 * 86_400_000);
    await loseNodes(ctx);
    expect(await order()).toHaveLength(3);
    ctx.clock.advance(2 * 86_400_000);
    expect(await order()).toEqual([]);
  }));
