import { expect, test } from "bun:test";
import { type CsvRecord, csvRecord } from "./csv-record.ts";
import { queryRows, sqlText, withLockedDatabase } from "./locked-database.ts";
import { seededRandom, testFolder } from "./test-files.ts";

const { write } = testFolder();

test("a record that the text may not hold whole is asked for again", () => {
  for (const text of ["a,b", '"a', '"a"', '"a\n', "a,"]) {
    expect(csvRecord(text, 0, "\n", false)).toBe("incomplete");
    expect(csvRecord(text, 0, "\n", true)).not.toBe("incomplete");
  }
});

test("lines inside quotes are counted", () => {
  expect(csvRecord('"a\n\nb",c\nd,e\n', 0, "\n", false)).toEqual({
    cells: ["a\n\nb", "c"],
    end: 9,
    lines: 3,
  });
});

test("cells are those that DuckDB finds: rows of quotes, commas, blanks and line ends", async () => {
  const random = seededRandom(5);
  const pieces = ["a", ",", '"', "\n", " ", "é", "\r\n", "1"];
  const cell = () => {
    const text = Array.from(
      { length: 1 + Math.floor(random() * 5) },
      () => pieces[Math.floor(random() * pieces.length)],
    );
    return `"${text.join("").replaceAll('"', '""')}"`;
  };
  const plain = () => ["x", "2.5", "y z"][Math.floor(random() * 3)];
  const rows = Array.from({ length: 300 }, () =>
    [random() < 0.5 ? cell() : plain(), cell(), plain()].join(","),
  );
  const text = `a,b,c\n${rows.join("\n")}\n`;

  const path = write(text);
  const expected = await withLockedDatabase(
    { paths: [path], memoryBytes: 2 ** 28, threads: 1 },
    (connection) =>
      queryRows<Record<"a" | "b" | "c", string>>(
        connection,
        `SELECT * FROM read_csv(${sqlText(path)}, columns = {'a': 'VARCHAR', 'b': 'VARCHAR', 'c': 'VARCHAR'}, auto_detect = false,
         header = true, delim = ',', quote = '"', escape = '"')`,
      ),
  );
  const found: string[][] = [];
  for (let at = 6; at < text.length; ) {
    const record = csvRecord(text, at, "\n", true) as CsvRecord;
    found.push(record.cells);
    at = record.end;
  }
  expect(found).toEqual(expected.map(({ a, b, c }) => [a, b, c]));
});
