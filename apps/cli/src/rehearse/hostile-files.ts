import { gzipSync } from "node:zlib";
import type { RoundDefinition } from "@podium/shared";
import { answerFile } from "./answer-file.ts";
import type { Answers } from "./answers.ts";

/** A prediction file that must be refused. */
export interface HostileFile {
  /** What is wrong with it, for people. */
  what: string;
  name: string;
  content: string | Uint8Array;
}

const MIB = 1024 ** 2;
/** More is said by the same bytes again: members of a gzip file unpack one after the other. */
const MEMBER_BYTES = MIB;
const MAX_BOMB_BYTES = 10 * 1024 * MIB;
const MAX_PLAIN_BYTES = 16 * MIB;
const COLUMNS = 1_000_000;
/** From a letter of ASCII to the same in full width. */
const FULL_WIDTH = 0xfee0;

/** What careless and hostile people send: files that no built-in metric may score. */
export function hostileFiles(
  answers: Answers,
  limits: Pick<RoundDefinition["limits"], "file_bytes">,
): HostileFile[] {
  const { ids, constant, idField } = answers;
  const file = (rows: readonly string[], columns = constant) => answerFile({ idField, ids: rows }, columns);
  const csv = (what: string, content: string): HostileFile => ({ what, name: "predictions.csv", content });
  const header = file([]);
  const [last = ""] = ids.slice(-1);
  const [number] = answers.numbers;
  const odd = number === undefined ? [] : ["NaN", "inf", "1e999"].map((value) => [number, value] as const);
  return [
    csv("an empty file", ""),
    csv("a file without rows", header),
    csv("other columns", file(ids).replace(header, `${idField}x,answer\n`)),
    csv("a missing row", file(ids.slice(0, -1))),
    csv("an id twice", file([...ids, last], extended(constant))),
    csv("an unknown id", file([...ids.slice(0, -1), `${last}-no-such-id`])),
    csv("an id in another Unicode form", file(inOtherForm(ids))),
    ...odd.map(([name, value]) => csv(`${value} for a number`, file(ids, withFirst(constant, name, value)))),
    csv("a million columns", `${Array.from({ length: COLUMNS }, (_, at) => `c${at}`).join(",")}\n`),
    { what: "an array of Python objects (a pickle)", name: "predictions.npy", content: objectArray() },
    {
      what: "a pickle called .csv",
      name: "predictions.csv",
      content: Buffer.from("\x80\x04cos\nsystem\n.", "latin1"),
    },
    ...tooLarge(file(ids), limits.file_bytes),
  ];
}

/** A file that is no CSV may crash a program of the organizer's own: what every program meets sooner or later. */
export function carelessFiles(answers: Answers): HostileFile[] {
  const { ids, constant, idField } = answers;
  const csv = (what: string, content: string): HostileFile => ({ what, name: "predictions.csv", content });
  const [column = ""] = constant.keys();
  return [
    csv("an empty file", ""),
    csv("a missing row", answerFile({ idField, ids: ids.slice(0, -1) }, constant)),
    csv("NaN for a value", answerFile({ idField, ids }, withFirst(constant, column, "NaN"))),
  ];
}

function tooLarge(good: string, maxBytes: number): HostileFile[] {
  const found: HostileFile[] = [];
  if (maxBytes < MAX_BOMB_BYTES) {
    const member = gzipSync(Buffer.alloc(MEMBER_BYTES, "0,0\n"), { level: 6 });
    const members = Array.from({ length: Math.ceil(maxBytes / MEMBER_BYTES) + 1 }, () => member);
    const content = Buffer.concat([gzipSync(good), ...members]);
    found.push({
      what: "a small file that unpacks to more than file_bytes",
      name: "predictions.csv.gz",
      content,
    });
  }
  if (maxBytes <= MAX_PLAIN_BYTES)
    found.push({
      what: "a file of more than file_bytes",
      name: "predictions.csv",
      content: good + "\n".repeat(maxBytes),
    });
  return found;
}

/** One id written otherwise, as it looks the same: composed or not, where one has such letters, or in full width. */
function inOtherForm(ids: readonly string[]): string[] {
  const form = (["NFD", "NFC"] as const).find((each) => ids.some((id) => id.normalize(each) !== id));
  if (form) {
    const at = ids.findIndex((id) => id.normalize(form) !== id);
    return ids.map((id, index) => (index === at ? id.normalize(form) : id));
  }
  return ids.map((id, index) =>
    index === 0 ? String.fromCodePoint((id.codePointAt(0) ?? 0) + FULL_WIDTH) + id.slice(1) : id,
  );
}

const extended = (columns: ReadonlyMap<string, string[]>) =>
  new Map([...columns].map(([name, cells]) => [name, [...cells, ...cells.slice(-1)]]));

const withFirst = (columns: ReadonlyMap<string, string[]>, column: string, value: string) =>
  new Map([...columns].map(([name, cells]) => [name, name === column ? [value, ...cells.slice(1)] : cells]));

/** The header of numpy's format 1.0 for objects, with nothing of worth behind it. */
function objectArray(): Uint8Array {
  const header = `${`{'descr': '|O', 'fortran_order': False, 'shape': (1,), }`.padEnd(117)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const magic = Buffer.from("\x93NUMPY\x01\x00", "latin1");
  return Buffer.concat([magic, length, Buffer.from(header, "latin1"), Buffer.from("\x80\x04.", "latin1")]);
}
