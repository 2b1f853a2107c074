import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../log.ts";
import { SpareVolumes } from "./spare-volumes.ts";
import { whyNoVolumes } from "./volume.ts";

const MIB = 1024 ** 2;
const log = createLog("silent");
const reason = await whyNoVolumes(tmpdir());
const title = reason === null ? "spare volumes" : `spare volumes (skipped: ${reason})`;

describe.skipIf(reason !== null && Bun.env["CI"] !== "true")(title, () => {
  let root: string;
  let folder: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "podium-spares-"));
    folder = join(root, "spares");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const inode = (name: string) => statSync(join(root, name)).ino;
  const spareInodes = () => readdirSync(folder).map((name) => statSync(join(folder, name)).ino);

  test("the second of a size is the spare that the first has left, and is replaced in its turn", async () => {
    const spares = await SpareVolumes.open(folder, log);
    await spares.take(join(root, "first.img"), 16 * MIB);
    await spares.replaced();
    const [made] = spareInodes();
    await spares.take(join(root, "second.img"), 16 * MIB);
    expect(inode("second.img")).toBe(made ?? Number.NaN);
    expect(statSync(join(root, "second.img")).size).toBe(statSync(join(root, "first.img")).size);
    await spares.replaced();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a spare of another size is nobody's, and one that is gone is made anew", async () => {
    const spares = await SpareVolumes.open(folder, log);
    await spares.take(join(root, "first.img"), 16 * MIB);
    await spares.replaced();
    const [made] = spareInodes();
    await spares.take(join(root, "larger.img"), 32 * MIB);
    expect(spareInodes()).toEqual([made ?? Number.NaN]);
    for (const name of readdirSync(folder)) await rm(join(folder, name));
    await spares.take(join(root, "second.img"), 16 * MIB);
    expect(existsSync(join(root, "second.img"))).toBe(true);
  });

  test("what an earlier runner has left is deleted", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "0.img"), "half of one");
    await SpareVolumes.open(folder, log);
    expect(readdirSync(folder)).toEqual([]);
  });
});
