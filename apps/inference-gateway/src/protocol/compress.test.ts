import { expect, test } from "bun:test";
import { gunzipSync, inflateSync } from "node:zlib";
import { codingFor, compress } from "./compress.ts";

test("an answer is compressed when the caller takes that, and it is large enough", () => {
  const large = 10_000;
  const cases: [string | null, number, ReturnType<typeof codingFor>][] = [
    [null, large, null],
    ["gzip", large, "gzip"],
    ["deflate", large, "deflate"],
    ["br, zstd, deflate;q=0.5, GZIP;q=0.1", large, "gzip"],
    ["gzip;q=0, deflate", large, "deflate"],
    ["gzip;q=0.000", large, null],
    ["x-gzip, identity", large, null],
    ["gzip", 100, null],
  ];
  for (const [accepted, bytes, coding] of cases) {
    expect([accepted, codingFor(accepted, bytes)]).toEqual([accepted, coding]);
  }
});

test("what was compressed is read by anybody", async () => {
  const bytes = Buffer.from("tensor ".repeat(1_000));
  expect(gunzipSync(await compress("gzip", bytes))).toEqual(bytes);
  expect(inflateSync(await compress("deflate", bytes))).toEqual(bytes);
});
