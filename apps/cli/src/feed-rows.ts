import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { parseExact, stringifyExact } from "@podium/shared/tensors/exact-json";
import { CliError } from "./errors.ts";
import { printable } from "./output.ts";
import type { RowFile } from "./row-files/row-file.ts";

export interface Feed {
  /** the endpoint's address */
  url: string;
  key: string | undefined;
  /** rows of one call */
  atOnce: number;
  /** calls under way together; their answers are written in the order of the rows */
  calls: number;
  /** what became of the call so far */
  onProgress(text: string): void;
  sleep(ms: number): Promise<unknown>;
}

/** Busy is no failure: it is waited for, so much at a time. */
const LONGEST_WAIT_SECONDS = 60;
const BROKEN_CONNECTIONS = 5;

interface UnderWay {
  rows: number;
  answer: Promise<unknown[]>;
}

/**
 * Has a model predict rows, a call for so many, and appends one JSON line for each to a file. What is in that file
 * already is not asked again, so that the same call goes on where it was interrupted. A crash between any two lines
 * costs at most the answers that were under way: the rows of the file are always the first ones, each once.
 * @throws CliError naming the rows whose call was refused; those before them are in the file
 */
export async function feedRows(rows: RowFile, path: string, feed: Feed): Promise<void> {
  appendFileSync(path, "");
  const underWay: UnderWay[] = [];
  let done = wholeLines(path);
  let asked = done;
  while (done < rows.count) {
    while (underWay.length < feed.calls && asked < rows.count) {
      const part = await rows.read(asked, Math.min(rows.count, asked + feed.atOnce));
      const answer = predict(part, asked, feed);
      // One that is refused is told when its turn comes, or not at all when one before it was.
      answer.catch(() => {});
      underWay.push({ rows: part.length, answer });
      asked += part.length;
    }
    feed.onProgress(`${done} of ${rows.count} rows`);
    const first = underWay.shift();
    if (!first) break;
    const predictions = await first.answer;
    appendFileSync(path, predictions.map((prediction) => `${stringifyExact(prediction)}\n`).join(""));
    done += first.rows;
  }
}

/** Lines of what an earlier call wrote; half a line of it is cut off. */
function wholeLines(path: string): number {
  if (!existsSync(path)) return 0;
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.byteLength) truncateSync(path, end);
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < end; at = bytes.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}

async function predict(part: readonly unknown[], before: number, feed: Feed): Promise<unknown[]> {
  const named = `rows ${before + 1} to ${before + part.length}`;
  for (let broken = 0; ; ) {
    const response = await post(part, feed).catch((error: Error) => error);
    if (response instanceof Error) {
      broken += 1;
      if (broken > BROKEN_CONNECTIONS)
        throw new CliError(`${feed.url} can't be reached: ${response.message}`);
      await feed.sleep(1000 * broken);
      continue;
    }
    const text = await response.text();
    if (response.ok) return checked(text, part.length, named);
    const wait = Number(response.headers.get("retry-after") ?? 0);
    if (
      (response.status !== 429 && response.status !== 503) ||
      !(wait > 0) ||
      wait > LONGEST_WAIT_SECONDS * 60
    )
      throw new CliError(
        `The endpoint answered ${response.status} to ${named}: ${printable(text.slice(0, 500))} Run the same command again to go on from there.`,
      );
    feed.onProgress(`The endpoint is busy; going on in ${wait} s`);
    await feed.sleep(Math.min(wait, LONGEST_WAIT_SECONDS) * 1000);
  }
}

function post(part: readonly unknown[], { url, key }: Feed): Promise<Response> {
  const headers = {
    "Content-Type": "application/json",
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
  };
  return fetch(url, { method: "POST", headers, body: stringifyExact(part) });
}

function checked(text: string, count: number, named: string): unknown[] {
  const answer = parseExact(text);
  if (Array.isArray(answer) && answer.length === count) return answer;
  throw new CliError(
    `The model gave no list of ${count} predictions for ${named}. Its infer must return one prediction a row.`,
  );
}
