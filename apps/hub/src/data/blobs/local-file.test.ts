import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../platform/secrets.ts";
import { largeBytes, sendBlob, sendLarge, sendPack } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { localFile, sweepLocalFiles } from "./local-file.ts";

const DAY_MS = 86_400_000;
const BYTES = largeBytes(1, 50);

/** A member whose local files lie in a folder of their own. */
const withLocal = (run: (member: Member, files: () => string[]) => Promise<void>) =>
  withRollback(async (db) => {
    const localFolder = mkdtempSync(join(tmpdir(), "podium-local-"));
    try {
      const member = await makeMember(systemContext(db));
      await run({ ...member, settings: { ...member.settings, localFolder } }, () => readdirSync(localFolder));
    } finally {
      rmSync(localFolder, { recursive: true });
    }
  });

test("a small file of the folder store is read where it lies", () =>
  withLocal(async (member, files) => {
    const path = await localFile(member, await sendBlob(member, "small"));
    expect(readFileSync(path ?? "", "utf8")).toBe("small");
    expect(files()).toEqual([]);
  }));

test("a large one is put together once, also for several who want it at once", () =>
  withLocal(async (member, files) => {
    const name = await sendLarge(member, BYTES);
    const [path, again] = await Promise.all([localFile(member, name), localFile(member, name)]);
    expect(again).toBe(path ?? "");
    expect(sha256(readFileSync(path ?? ""))).toBe(sha256(BYTES));
    expect(files()).toEqual([name]);
  }));

test("one that lies in a pack is copied", () =>
  withLocal(async (member, files) => {
    await sendPack(member, "before", "packed", "behind");
    const name = sha256("packed");
    expect(readFileSync((await localFile(member, name)) ?? "", "utf8")).toBe("packed");
    expect(files()).toEqual([name]);
  }));

test("one that is in a store elsewhere is fetched", () =>
  withLocal(async (member, files) => {
    const name = await sendBlob(member, "far away");
    const away = { ...member, blobs: { ...member.blobs, localPath: async () => null } };
    expect(readFileSync((await localFile(away, name)) ?? "", "utf8")).toBe("far away");
    expect(files()).toEqual([name]);
  }));

test("a copy that was cut is made anew", () =>
  withLocal(async (member) => {
    const name = await sendLarge(member, BYTES);
    truncateSync((await localFile(member, name)) ?? "", 10);
    expect(sha256(readFileSync((await localFile(member, name)) ?? ""))).toBe(sha256(BYTES));
  }));

test("what the store has damaged is not handed on", () =>
  withLocal(async (member, files) => {
    const name = await sendLarge(member, BYTES);
    const read = async (...args: Parameters<typeof member.blobs.read>) => {
      const bytes = await member.blobs.read(...args);
      return bytes && new Uint8Array(bytes.byteLength);
    };
    const damaged = { ...member, blobs: { ...member.blobs, read } };
    await expect(localFile(damaged, name)).rejects.toThrow("is damaged");
    expect(files()).toEqual([]);
  }));

test("what nobody has sent is not there", () =>
  withLocal(async (member) => {
    expect(await localFile(member, sha256("nothing"))).toBeNull();
  }));

test("a copy goes when it was not used for a day", () =>
  withLocal(async (member, files) => {
    const name = await sendLarge(member, BYTES);
    await localFile(member, name);
    member.clock.advance(0.9 * DAY_MS);
    await localFile(member, name);
    member.clock.advance(0.9 * DAY_MS);
    expect(await sweepLocalFiles(member)).toBe(0);
    member.clock.advance(0.2 * DAY_MS);
    expect(await sweepLocalFiles(member)).toBe(1);
    expect(files()).toEqual([]);
    expect(await sweepLocalFiles(member)).toBe(0);
  }));
