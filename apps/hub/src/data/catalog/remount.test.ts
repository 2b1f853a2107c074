import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember } from "../../testing/factories.ts";
import { remount } from "./remount.ts";
import { removeVersion } from "./remove-dataset.ts";
import { resolveMount } from "./resolve-mount.ts";

const again = (member: Member, mount: Parameters<typeof remount>[2]) =>
  member.db.transaction((tx) => remount(member, tx, mount, member.team));

test("a version is mounted again as it was, however many are newer", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", { versions: [{ "a.csv": "1" }, { "a.csv": "2" }] });
    const mount = await db.transaction((tx) => resolveMount(member, tx, "films@1", member.team));
    expect(await again(member, mount)).toEqual(mount);
  }));

test("what was removed, what others may not read, and what nobody recorded is not mounted again", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, stranger] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(member, "films", { versions: [{ "a.csv": "1" }, { "a.csv": "2" }] });
    const mount = await db.transaction((tx) => resolveMount(member, tx, "films@1", member.team));
    await expect(again(stranger, mount)).rejects.toMatchObject({ code: "not_found" });
    const { dataset_id: _, ...unrecorded } = mount;
    await expect(again(member, unrecorded)).rejects.toMatchObject({ code: "not_found" });
    const removal = { team: member.team.slug, name: "films", number: 1 };
    await db.transaction((tx) => removeVersion(member, tx, removal, []));
    await expect(again(member, mount)).rejects.toThrow("no version 1");
  }));
