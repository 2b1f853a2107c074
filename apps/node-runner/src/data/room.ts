import { statfs } from "node:fs/promises";

/** What others need of the machine's disk while one session's files are taken over: this much, or this share of it. */
const RESERVED_BYTES = 1024 ** 3;
const RESERVED_SHARE = 0.02;

/**
 * How many bytes may still be copied of one session's folder. Holes and hard links make a folder larger than what it
 * takes of the session's disk, and the copies lie on the disk of all.
 */
export class Room {
  private constructor(
    private left: number,
    private readonly onExhausted: () => Error,
  ) {}

  /** Room in `folder` for `maxBytes`, or for what its disk has to spare; `onTooMuch` says that it was the former. */
  static async in(folder: string, maxBytes: number, onTooMuch: () => Error): Promise<Room> {
    const { bavail, blocks, bsize } = await statfs(folder);
    const spare = bavail * bsize - Math.min(RESERVED_BYTES, blocks * bsize * RESERVED_SHARE);
    return spare < maxBytes ? new Room(spare, diskFull) : new Room(maxBytes, onTooMuch);
  }

  /** Throws when there is no room for so many bytes more. */
  require(bytes: number) {
    if (bytes > this.left) throw this.onExhausted();
  }

  take(bytes: number) {
    this.require(bytes);
    this.left -= bytes;
  }
}

/** As the kernel would say it a little later, to everybody. */
function diskFull(): Error {
  return Object.assign(new Error("The machine's disk has no more room for files of sessions."), {
    code: "ENOSPC",
  });
}
