import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeDataset, makeMember } from "../../testing/factories.ts";
import { outputDataset } from "./output-dataset.ts";

test("one that is there is taken, one that is not is made for the team; another team's is refused", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const there = await makeDataset(member, "scores");
    const ask = (who: typeof member, name: string) =>
      db.transaction((tx) => outputDataset(who, tx, member.team, name));
    expect(await ask(member, "scores")).toBe(there);
    const made = await ask(member, "others");
    expect(made).not.toBe(there);
    expect(await ask(member, "others")).toBe(made);
    await makeDataset(member, "seen", { visibility: "public" });
    await expect(ask(await makeMember(ctx), "seen")).rejects.toThrow("only its members may change it");
  }));
