import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { counted, withRollback } from "../testing/database.ts";
import { makeNode } from "../testing/factories.ts";
import { noteCaches } from "./note-caches.ts";
import { readSupply } from "./store.ts";

const [A, B] = ["a".repeat(64), "b".repeat(64)];
const NOTHING = { cached_trees: [], cached_environments: [], cached_images: [] };
const WANTED = { trees: [A, B], environments: [A, B], images: ["ml:1", "ml:2"] };

test("what a node says it has is what the scheduler sees, until it says otherwise", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [id, other] = [await makeNode(ctx), await makeNode(ctx)];
    await noteCaches(ctx, id, {
      cached_trees: [B, A],
      cached_environments: [{ key: A, build_seconds: 12.5 }],
      cached_images: [{ reference: "ml:1", size_bytes: 7 }],
    });
    await noteCaches(ctx, other, { ...NOTHING, cached_environments: [{ key: A, build_seconds: 30 }] });
    const { nodes, buildSeconds, imageBytes } = await readSupply(db, WANTED);
    const seen = nodes.find(({ node }) => node.id === id);
    expect(seen).toMatchObject({
      cached: new Set([A, B]),
      environments: new Set([A]),
      images: new Set(["ml:1"]),
    });
    expect([buildSeconds.get(A), imageBytes.get("ml:1"), imageBytes.get("ml:2")]).toEqual([30, 7, undefined]);

    await noteCaches(ctx, id, { ...NOTHING, cached_trees: [B] });
    const later = (await readSupply(db, WANTED)).nodes.find(({ node }) => node.id === id);
    expect(later).toMatchObject({ cached: new Set([B]), environments: new Set(), images: new Set() });
  }));

test("what is said again is read once and not written, in whatever order it is said", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const id = await makeNode(ctx);
    expect(await noteCaches(ctx, id, { ...NOTHING, cached_trees: [A, B] })).toBe(true);
    const watched = counted(db);
    const again = { ...NOTHING, cached_trees: [B, A] };
    expect(await noteCaches({ ...ctx, db: watched.db }, id, again)).toBe(false);
    expect(watched.asked()).toBe(1);
    expect(await noteCaches(ctx, id, NOTHING)).toBe(true);
    expect(await noteCaches(ctx, id, NOTHING)).toBe(false);
  }));
