import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { queryRows, sqlText, withLockedDatabase } from "./locked-database.ts";
import { testFolder } from "./test-files.ts";

const { folder, write } = testFolder();
const GOOD = "id,prediction\n1,2\n2,3\n3,4\n";

test("the database reads the paths it was given, and does nothing else", async () => {
  const path = write(GOOD);
  const secret = write("id,y\n1,SECRET\n");
  const link = join(folder, "link.csv");
  symlinkSync(secret, link);
  const forbidden = [
    `SELECT * FROM read_csv(${sqlText(secret)})`,
    `SELECT * FROM read_csv(${sqlText(link)})`,
    `SELECT * FROM glob(${sqlText(`${folder}/*`)})`,
    `COPY (SELECT 1) TO ${sqlText(join(folder, "written.csv"))}`,
    `ATTACH ${sqlText(join(folder, "other.db"))}`,
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "INSTALL httpfs",
  ];
  await withLockedDatabase({ paths: [path], memoryBytes: 64 * 1024 ** 2, threads: 1 }, async (connection) => {
    expect(await queryRows(connection, `SELECT count(*) AS rows FROM read_csv(${sqlText(path)})`)).toEqual([
      { rows: 3 },
    ]);
    for (const sql of forbidden)
      await expect(connection.run(sql)).rejects.toThrow(/Permission|locked|Cannot|disabled/);
  });
});
