import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
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
          lacksWhenEmpty(tx, { resources: resourcesSchema.parse({ gpus }), image }),
        )
      )
        .map(({ reason }) => reason)
        .sort();
    expect(await lacks(0, null)).toEqual([null, null]);
    expect(await lacks(1, null)).toEqual(["0 of 1 devices free", null]);
    expect(await lacks(0, "ml:1")).toEqual(["no Docker to run the image ml:1", null]);
    expect(await lacks(1, "ml:1")).toEqual(["0 of 1 devices free", "no Docker to run the image ml:1"]);
  }));
