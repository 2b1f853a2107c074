import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { scoreFiles } from "./score-files.ts";
import { refusalOf, seededRandom, testFolder } from "./tables/test-files.ts";

const { folder, write } = testFolder();
const labelsPath = write("id,y\n1,2\n2,3\n3,4\n");
const GOOD = "id,prediction\n1,2\n2,3\n3,4\n";

function request(predictionsPath: string) {
  const limits = { memoryBytes: 256 * 1024 ** 2 };
  return { labelsPath, predictionsPath, targetField: "y", columns: [{ key: "score", metric: "mse" as const }], limits };
}

test.each([
  ["a million columns", `${Array.from({ length: 1_000_000 }, (_, at) => `c${at}`).join(",")}\n`],
  [
    "three thousand columns",
    `id,prediction,${Array.from({ length: 3_000 }, (_, at) => `c${at}`).join(",")}\n`,
  ],
  ["a first line without end", "x".repeat(5_000_000)],
  ["a line of three million digits", `id,prediction\n1,2\n2,${"9".repeat(3_000_000)}\n3,4\n`],
  ["an open quote and three million letters", `id,prediction\n1,2\n2,"${"9".repeat(3_000_000)}\n3,4\n`],
  ["zero bytes", "id,prediction\n1,2\n2,\0\n3,4\n"],
  ["gzip", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0])],
  ["zip", Buffer.from([0x50, 0x4b, 3, 4, 0, 0])],
  ["UTF-16", Buffer.from(`\ufeff${GOOD}`, "utf16le")],
  [
    "half a UTF-8 letter",
    Buffer.concat([Buffer.from("id,prediction\n1,2\n2,"), Buffer.from([0xc3]), Buffer.from("\n3,4\n")]),
  ],
  [
    "lists three hundred thousand deep",
    `{"id":1,"prediction":2}\n{"id":2,"prediction":${"[".repeat(300_000)}${"]".repeat(300_000)}}\n`,
  ],
])("%s: refused in words", async (_what, content) => {
  const refusal = await refusalOf(request(write(content, "")));
  expect(refusal.code).toBe("invalid_predictions");
  expect(refusal.message.length).toBeLessThan(500);
});

test("random bytes are refused, never scored and never a fault", async () => {
  const random = seededRandom(3);
  const byte = () => Math.floor(random() * 256);
  for (let round = 0; round < 20; round += 1) {
    const noise = Buffer.from(Array.from({ length: 3_000 }, byte));
    const content = round % 2 ? noise : Buffer.concat([Buffer.from(GOOD), noise]);
    expect((await refusalOf(request(write(content, round % 4 < 2 ? ".csv" : ".jsonl")))).code).toBe(
      "invalid_predictions",
    );
  }
});

test("names of columns and files are data: quotes, SQL and patterns in them do nothing", async () => {
  const content = `id,prediction,"'}); DROP TABLE labels; --","""; COPY labels TO '${folder}/out'; --"\n1,2,,\n2,3,,\n3,4,,\n`;
  expect((await scoreFiles(request(write(content)))).scores).toEqual({ score: 0 });
  expect((await scoreFiles(request(write(GOOD, "-*[a]{b}'\".csv")))).scores).toEqual({ score: 0 });
  expect(existsSync(`${folder}/out`)).toBe(false);
});

test("control characters of a file do not reach a terminal through a message", async () => {
  const refusal = await refusalOf(request(write("id,prediction\n1,2\n2,\u001b[31mred\n3,4\n")));
  expect(refusal.message).toContain("\\u001b[31mred");
});

test("a folder, a device and a pipe are not files", async () => {
  const pipe = join(folder, "pipe.csv");
  execFileSync("mkfifo", [pipe]);
  for (const path of [folder, "/dev/zero", pipe]) {
    expect((await refusalOf(request(path))).details.reason).toBe("not_a_file");
  }
});

test("a file that needs more memory than there is is refused in words", async () => {
  const rows = Array.from({ length: 400_000 }, (_, at) => `${"long".repeat(40)}${at},1\n`).join("");
  const refusal = await refusalOf({
    ...request(write(`id,prediction\n${rows}`)),
    limits: { memoryBytes: 64 * 1024 ** 2 },
  });
  expect(refusal).toMatchObject({ code: "invalid_predictions", details: { reason: "too_large" } });
});
