import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { CliError } from "./errors.ts";
import { printable } from "./output.ts";

export interface Feed {
  /** the endpoint's address */
  url: string;
  key: string | undefined;
  /** rows of one call */
  atOnce: number;
  /** what became of the call so far */
  onProgress(text: string): void;
  sleep(ms: number): Promise<unknown>;
}

/** Busy is no failure: it is waited for, so much at a time. */
const LONGEST_WAIT_SECONDS = 60;
const BROKEN_CONNECTIONS = 5;

/**
 * Has a model predict rows, a call for so many, and appends one JSON line for each to a file. What is in that file
 * already is not asked again, so that the same call goes on where it was interrupted.
 * @throws CliError naming the rows whose call was refused; those before them are in the file
 */
export async function feedRows(rows: readonly unknown[], path: string, feed: Feed): Promise<void> {
  for (let done = wholeLines(path); done < rows.length; ) {
    feed.onProgress(`${done} of ${rows.length} rows`);
    const part = rows.slice(done, done + feed.atOnce);
    const predictions = await predict(part, done, feed);
    appendFileSync(path, predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join(""));
    done += part.length;
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
  return fetch(url, { method: "POST", headers, body: JSON.stringify(part) });
}

function checked(text: string, count: number, named: string): unknown[] {
  const answer: unknown = JSON.parse(text);
  if (Array.isArray(answer) && answer.length === count) return answer;
  throw new CliError(
    `The model gave no list of ${count} predictions for ${named}. Its infer must return one prediction a row.`,
  );
}
