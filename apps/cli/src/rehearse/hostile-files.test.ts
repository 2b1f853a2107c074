import { expect, setDefaultTimeout, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { carelessFiles, hostileFiles } from "./hostile-files.ts";

setDefaultTimeout(60_000);

const MIB = 1024 ** 2;
const answers = {
  idField: "id",
  ids: ["1", "café"],
  perfect: null,
  constant: new Map([["y", ["0", "0"]]]),
  numbers: ["y"],
};
const found = (file_bytes: number) =>
  new Map(hostileFiles(answers, { file_bytes }).map((file) => [file.what, file.content]));

test("each hostile file has the one fault that it is named by", () => {
  const files = found(MIB);
  expect(files.get("an empty file")).toBe("");
  expect(files.get("a file without rows")).toBe("id,y\n");
  expect(files.get("other columns")).toBe("idx,answer\n1,0\ncafé,0\n");
  expect(files.get("a missing row")).toBe("id,y\n1,0\n");
  expect(files.get("an id twice")).toBe("id,y\n1,0\ncafé,0\ncafé,0\n");
  expect(files.get("NaN for a number")).toBe("id,y\n1,NaN\ncafé,0\n");
  const other = String(files.get("an id in another Unicode form"));
  expect(other).not.toContain("café");
  expect(other.normalize("NFC")).toContain("café");
});

test("an id of ASCII alone gets a form that looks alike, and is another", () => {
  const plain = hostileFiles({ ...answers, ids: ["1"] }, { file_bytes: MIB });
  const { content } = plain.find(({ what }) => what.includes("Unicode")) ?? {};
  expect(String(content)).not.toContain("\n1,");
  expect(String(content).normalize("NFKC")).toContain("\n1,");
});

test("the bomb is small and unpacks to more than the round takes, and a large file is sent only where that is little", () => {
  const bomb = found(40 * MIB).get("a small file that unpacks to more than file_bytes") as Uint8Array;
  expect(bomb.byteLength).toBeLessThan(MIB);
  expect(gunzipSync(bomb).byteLength).toBeGreaterThan(40 * MIB);
  expect(found(40 * MIB).has("a file of more than file_bytes")).toBe(false);
  expect(String(found(MIB).get("a file of more than file_bytes")).length).toBeGreaterThan(MIB);
});

test("labels have no NaN to send, and a scorer of one's own gets what anybody sends by mistake", () => {
  const labelled = hostileFiles({ ...answers, numbers: [] }, { file_bytes: MIB });
  expect(labelled.filter(({ what }) => what.includes("number"))).toEqual([]);
  expect(carelessFiles(answers).map(({ what }) => what)).toEqual([
    "an empty file",
    "a missing row",
    "NaN for a value",
  ]);
});
