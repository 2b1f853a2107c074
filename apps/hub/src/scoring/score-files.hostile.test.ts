import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { scoreFiles } from "./score-files.ts";
import { refusalOf, seededRandom, testFolder } from "./tables/test-files.ts";
import { writeParquet } from "./tables/test-formats.ts";

const { folder, write } = testFolder();
const labelsPath = write("id,y\n1,2\n2,3\n3,4\n");
const GOOD = "id,prediction\n1,2\n2,3\n3,4\n";

function request(predictionsPath: string) {
  const limits = { memoryBytes: 256 * 1024 ** 2 };
  return {
    labelsPath,
    predictionsPath,
    targetField: "y",
    columns: [{ key: "score", metric: "mse" as const }],
    limits,
  };
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
  ["a pickle that runs a command", Buffer.from("\x80\x04cposix\nsystem\n(S'touch pwned'\ntR.", "latin1")],
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

test("ten GiB that unpack from a few MiB are refused as soon as they are more than is allowed", async () => {
  // Members of a gzip file unpack one after the other: 160 times 64 MiB.
  const member = gzipSync(Buffer.alloc(64 * 1024 ** 2, "1,1\n"), { level: 9 });
  const bomb = write(Buffer.concat(Array.from({ length: 160 }, () => member)), ".csv.gz");
  const limits = { memoryBytes: 256 * 1024 ** 2, maxBytes: 32 * 1024 ** 2 };
  const refusal = await refusalOf({ ...request(bomb), limits });
  expect(refusal.details.reason).toBe("too_large");
  expect(refusal.message).toContain("unpacks to more than 33554432 bytes");
});

test("Parquet that unpacks to more than is allowed is refused: by its footer, or by what a dictionary makes of it", async () => {
  const bomb = await writeParquet(
    join(folder, "bomb.parquet"),
    "SELECT range AS id, md5(range::VARCHAR) AS prediction FROM range(100000)",
  );
  const footer = await refusalOf({ ...request(bomb), limits: { maxBytes: 1024 ** 2 * 3.5 } });
  expect(footer.message).toContain("at most 3670016");
  const small = await writeParquet(
    join(folder, "small.parquet"),
    "SELECT range AS id, repeat('x', 50000) AS prediction FROM range(5000)",
  );
  expect(Bun.file(small).size).toBeLessThan(2 * 1024 ** 2);
  const columns = [{ key: "score", metric: "cer" as const }];
  const texts = await refusalOf({ ...request(small), columns });
  expect(texts.details.reason).toBe("too_large");
  expect(texts.message).toContain("bytes of texts");
});

test("a broken Parquet file is refused: cut off, a wrong footer, bits turned over", async () => {
  const path = await writeParquet(
    join(folder, "good.parquet"),
    "SELECT * FROM (VALUES (1, 2.0::DOUBLE), (2, 3), (3, 4)) t(id, prediction)",
  );
  expect((await scoreFiles(request(path))).scores).toEqual({ score: 0 });
  const good = Buffer.from(await Bun.file(path).bytes());
  const random = seededRandom(12);
  for (let round = 0; round < 16; round += 1) {
    const broken = Buffer.from(round % 2 ? good : good.subarray(0, Math.floor(random() * good.length)));
    for (let turned = 0; turned < 8 && broken.length > 4; turned += 1) {
      broken[4 + Math.floor(random() * (broken.length - 4))] = Math.floor(random() * 256);
    }
    const outcome = await scoreFiles(request(write(broken, ".parquet"))).catch((error: unknown) => error);
    // Turned bits may still spell numbers: then there is a score, and it is one.
    const code = (outcome as { code?: string }).code;
    if (code === undefined) expect(outcome).toMatchObject({ rows: 3, scores: { score: expect.any(Number) } });
    else expect(code).toBe("invalid_predictions");
  }
});

test.each([".parquet", ".npy", ".PARQUET"])(
  "text that is called %s is refused, not read as CSV",
  async (extension) => {
    const refusal = await refusalOf(request(write(GOOD, extension)));
    expect(refusal).toMatchObject({ code: "invalid_predictions", details: { reason: "wrong_type" } });
    expect(refusal.message).toContain(`is called ${extension.toLowerCase()}`);
  },
);

test("an id in another Unicode form is unknown, and the message says so", async () => {
  const ids = { labelsPath: write("id,y\ncaf\u00e9,1\n") };
  const refusal = await refusalOf({ ...request(write("id,prediction\ncafe\u0301,1\n")), ...ids });
  expect(refusal).toMatchObject({ code: "invalid_predictions", details: { reason: "unknown_ids", row: 2 } });
  expect(refusal.message).toContain("another Unicode form");
});

test("labels that would fill the memory are refused", async () => {
  const long = request(write(`id,prediction\n1,a\n2,${"b".repeat(2_000)}\n3,c\n`));
  const refusal = await refusalOf({ ...long, columns: [{ key: "score", metric: "accuracy" }] });
  expect(refusal.details).toMatchObject({ reason: "text_too_long", row: 3, id: "2" });
});

test("texts that would keep the scorer busy for hours are refused", async () => {
  const texts = { ...request(write(`id,prediction\n1,a\n2,${"b".repeat(20_000)}\n3,c\n`)) };
  const refusal = await refusalOf({ ...texts, columns: [{ key: "score", metric: "cer" }] });
  expect(refusal.details).toMatchObject({ reason: "text_too_long", row: 3, id: "2" });
});
