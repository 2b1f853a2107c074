import { expect, test } from "bun:test";
import { readPlainCsv } from "./plain-csv.ts";
import { openTableFile } from "./table-file.ts";
import { seededRandom, testFolder } from "./test-files.ts";

const { write } = testFolder();
const ID_AND_VALUE = [
  { place: 0, is: "whole" },
  { place: 1, is: "number" },
] as const;

async function read(content: string) {
  await using file = await openTableFile(write(content), "predictions", 1e9);
  const found = await readPlainCsv(file, ID_AND_VALUE, 1e9);
  return found?.arrays.map((array) => [...array]);
}

test("numbers are those that JavaScript reads, to the last bit, in every notation", async () => {
  const random = seededRandom(3);
  const texts = Array.from({ length: 5_000 }, (_, at) => {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
    return [String(value), value.toFixed(6), value.toExponential(4), value.toPrecision(17)][at % 4] as string;
  });
  const more = [
    "0",
    "-0",
    "1.0",
    "007",
    "0.1",
    "123456789012345",
    "1234567890123456",
    "9007199254740993",
    "1e-310",
  ];
  const all = [...texts, ...more];
  const arrays = await read(`id,v\n${all.map((text, id) => `${id},${text}\n`).join("")}`);
  expect(arrays?.[0]).toEqual(all.map((_, id) => id));
  expect(arrays?.[1]?.every((value, at) => Object.is(value, Number(all[at])))).toBe(true);
});

test("further columns, many blocks and no last line end are read", async () => {
  const rows = Array.from({ length: 300_000 }, (_, id) => `${id},${id / 4},some text here`);
  const arrays = await read(`id,v,note\n${rows.join("\n")}`);
  expect(arrays?.[0]?.length).toBe(300_000);
  expect(arrays?.[1]?.at(-1)).toBe(299_999 / 4);
});

test.each([
  ["a quote", 'id,v\n1,"2"\n'],
  ["a quote in another column", 'id,v,n\n1,2,"a\nb"\n'],
  ["a quoted name", '"id",v\n1,2\n'],
  ["CR LF", "id,v\r\n1,2\r\n"],
  ["CR LF behind another column", "id,v,n\r\n1,2,a\r\n"],
  ["an id that begins with 0", "id,v\n01,2\n"],
  ["an id with a sign", "id,v\n+1,2\n"],
  ["an id that is a text", "id,v\na,2\n"],
  ["an id beyond 2^31", "id,v\n2147483648,2\n"],
  ["no id", "id,v\n,2\n"],
  ["no value", "id,v\n1,\n"],
  ["NaN", "id,v\n1,NaN\n"],
  ["infinity", "id,v\n1,inf\n"],
  ["a blank", "id,v\n1, 2\n"],
  ["a point without digits", "id,v\n1,2.\n"],
  ["a digit separator", "id,v\n1,2_0\n"],
  ["a blank line", "id,v\n1,2\n\n2,3\n"],
  ["too few columns", "id,v\n1\n"],
  ["too many columns", "id,v\n1,2,3\n"],
  ["letters beyond ASCII", "id,v,n\n1,2,é\n"],
])("%s is left to the reader that allows for it", async (_what, content) => {
  expect(await read(content)).toBeUndefined();
});
