import { DomainError } from "@podium/shared";
import { S3Client } from "bun";
import type { Logger } from "pino";
import { type BlobStore, isName, type ObjectStore, type Shelf } from "./blob-store.ts";
import { randomName } from "./secrets.ts";

export interface S3Settings {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  /** Put before every key; may be empty. */
  prefix: string;
}

/** Requests under way at a time: so many chunks are in memory at most. */
const PARALLEL = 16;
/** A request that takes longer is given up; 8 MiB take less on any line that is of use. */
const REQUEST_MS = 60_000;
/** Keys that one page of a listing has. */
const PAGE = 1000;

/** Blobs in a bucket of any S3, `PREFIX` + `blobs/ab/cdef…`, and packs, `PREFIX` + `packs/ab/cdef…`. */
export function createS3Store(settings: S3Settings, log: Pick<Logger, "warn">): BlobStore {
  const queue = limited(PARALLEL);
  const ask: Ask = (what, name, work) =>
    queue(async () => {
      try {
        return await inTime(work());
      } catch (error) {
        if (codeOf(error) === "NoSuchKey") return null;
        log.warn({ what, blob: name, code: codeOf(error), reason: reasonOf(error) }, "S3 failed");
        throw new DomainError("unavailable", "The hub's file storage does not answer. Try again.", {
          retry_after_seconds: 2,
        });
      }
    });
  return {
    ...createShelf(settings, "blobs", ask),
    packs: createShelf(settings, "packs", ask),
    removesAtOnce: false,
    // S3 keeps nothing of what it has not received whole.
    removeUnfinished: async () => 0,
  };
}

/** Makes a request in its turn; null when there is no such object. What S3 says goes to the log, people try again. */
type Ask = <T>(what: string, name: string, work: () => Promise<T>) => Promise<T | null>;

/** An object is there whole or not at all, and durable when S3 has answered. */
function createShelf(settings: S3Settings, shelf: Shelf, ask: Ask): ObjectStore {
  const client = clientOf(settings);
  const root = `${settings.prefix}${shelf}/`;
  const keyOf = (name: string) => `${root}${name.slice(0, 2)}/${name.slice(2)}`;

  return {
    async put(name, bytes) {
      await ask("put", name, () => client.write(keyOf(name), bytes));
    },
    read(name, start = 0, end) {
      const file = client.file(keyOf(name));
      // Whether a blob has no bytes is for its row to say: S3 refuses to give none.
      if (end !== undefined && end <= start) return Promise.resolve(new Uint8Array(0));
      const part = start === 0 && end === undefined ? file : file.slice(start, end);
      return ask("get", name, () => part.bytes());
    },
    localPath: async () => null,
    async remove(name) {
      await ask("delete", name, () => client.delete(keyOf(name)));
    },
    async *list(firstDigits) {
      const folder = `${root}${firstDigits}/`;
      for (let last: string | undefined; ; ) {
        const after = last === undefined ? {} : { startAfter: last };
        const page = await ask("list", firstDigits, () =>
          client.list({ prefix: folder, maxKeys: PAGE, ...after }),
        );
        const keys = page?.contents?.map((object) => object.key) ?? [];
        yield keys
          .map((key) => `${firstDigits}${key.slice(folder.length)}`)
          .filter((name) => isName(shelf, name));
        last = keys.at(-1);
        if (!page?.isTruncated || last === undefined) return;
      }
    },
    sizeOf: async (name) => (await ask("head", name, () => client.stat(keyOf(name))))?.size ?? null,
  };
}

/** Throws one line for people when the bucket can't be written, read or emptied with these settings. */
export async function assertBucket(settings: S3Settings): Promise<void> {
  const { bucket, endpoint } = settings;
  try {
    const file = clientOf(settings).file(`${settings.prefix}probe/${randomName()}`);
    await inTime(file.write("podium"));
    await inTime(file.text());
    await inTime(file.delete());
  } catch (error) {
    throw new Error(
      `The bucket S3_BUCKET (${bucket} at ${endpoint}) can't be used: ${codeOf(error)}, ${reasonOf(error)}. Check S3_ENDPOINT, S3_BUCKET, S3_REGION and that the key S3_ACCESS_KEY_ID may read, write and delete there.`,
    );
  }
}

const clientOf = ({ prefix: _, ...settings }: S3Settings) => new S3Client(settings);

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(Object.assign(new Error(`no answer within ${REQUEST_MS} ms`), { code: "Timeout" })),
    REQUEST_MS,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs so many at a time; the others wait for their turn. */
function limited(most: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

const codeOf = (error: unknown) => String((error as { code?: unknown }).code ?? "unknown");
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
