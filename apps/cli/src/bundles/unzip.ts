import { createWriteStream, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { CliError } from "../errors.ts";
import { formatBytes } from "../quantities.ts";

export interface ZipLimits {
  entries: number;
  /** Unpacked, in all. */
  bytes: number;
  /** Unpacked bytes for each packed one; what is small may be packed better. */
  ratio: number;
}

export const ZIP_LIMITS: ZipLimits = { entries: 100_000, bytes: 32 * 1024 ** 3, ratio: 200 };
const SMALL_BYTES = 64 * 1024 ** 2;
const [TYPE_BITS, LINK, FOLDER, FILE] = [0o170000, 0o120000, 0o040000, 0o100000];

/**
 * Unpacks a zip file into a new folder. Nothing in it is trusted: names that lead outside, links, encrypted entries and
 * what unpacks to more than the limits are refused with a `CliError`, before or while it is written.
 */
export async function unzip(file: string, target: string, limits: ZipLimits = ZIP_LIMITS): Promise<void> {
  const most = Math.min(limits.bytes, Math.max(SMALL_BYTES, statSync(file).size * limits.ratio));
  const budget = {
    left: most,
    refuse: () => new CliError(`${file} unpacks to more than ${formatBytes(most)}: is it a zip bomb?`),
  };
  try {
    const zip = await yauzl.openPromise(file, { strictFileNames: true, validateEntrySizes: true });
    try {
      if (zip.entryCount > limits.entries)
        throw new CliError(`${file} has more than ${limits.entries} files.`);
      mkdirSync(target, { recursive: true });
      for await (const entry of zip.eachEntry()) await unpack(zip, entry, { file, target, budget });
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${file} can't be unpacked: ${(error as Error).message}`);
  }
}

interface Unpacking {
  file: string;
  target: string;
  budget: { left: number; refuse(): CliError };
}

async function unpack(zip: ZipFile, entry: Entry, { file, target, budget }: Unpacking): Promise<void> {
  const name = entry.fileName;
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & TYPE_BITS;
  if (type === LINK) throw new CliError(`${file}: ${name} is a link. Pack what it leads to.`);
  if (type !== 0 && type !== FILE && type !== FOLDER)
    throw new CliError(`${file}: ${name} is neither a file nor a folder.`);
  if (entry.isEncrypted()) throw new CliError(`${file}: ${name} is encrypted. Pack it without a password.`);
  const path = join(target, name);
  if (name.endsWith("/")) {
    mkdirSync(path, { recursive: true });
    return;
  }
  if (entry.uncompressedSize > budget.left) throw budget.refuse();
  mkdirSync(dirname(path), { recursive: true });
  const counted = new Transform({
    transform(part: Buffer, _, done) {
      budget.left -= part.byteLength;
      if (budget.left < 0) done(budget.refuse());
      else done(null, part);
    },
  });
  const out = createWriteStream(path, { flags: "wx", mode: (mode & 0o100) !== 0 ? 0o755 : 0o644 });
  await pipeline(await zip.openReadStreamPromise(entry), counted, out);
}
