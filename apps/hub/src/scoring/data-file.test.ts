import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember, makeTree } from "../testing/factories.ts";
import { dataEntry, dataFile } from "./data-file.ts";

test("a table is told by its name, packed or not; what infer writes comes before all others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const nameIn = async (...names: string[]) => {
      const tree = await makeTree(member, Object.fromEntries(names.map((name) => [name, name])));
      return (await dataEntry(db, tree)).path;
    };
    for (const format of ["csv", "jsonl", "ndjson", "parquet", "npy"]) {
      expect(await nameIn("README.md", `z.${format}`)).toBe(`z.${format}`);
      expect(await nameIn("README.md", `z.${format}.gz`)).toBe(`z.${format}.gz`);
    }
    expect(await nameIn("a.csv", "predictions.jsonl")).toBe("predictions.jsonl");
    expect(await nameIn("answers")).toBe("answers");
  }));

test("the file is there to be read; one that the store has lost is named", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const entry = await dataEntry(db, await makeTree(member, { "a.csv": "id\n1\n" }));
    expect(await Bun.file(await dataFile(ctx, entry)).text()).toBe("id\n1\n");
    await expect(dataFile(ctx, { ...entry, sha256: "0".repeat(64) })).rejects.toThrow('"a.csv"');
  }));
