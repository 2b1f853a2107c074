import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import { bytesOf, isMissing, keepFiles, pausedBefore, sendBlob, sendPack } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase } from "../../testing/database.ts";
import { makeMember, textOf } from "../../testing/factories.ts";
import { openFile } from "../blobs/open.ts";
import { adoptOrphans } from "./adopt-orphans.ts";
import { collectBlobs } from "./collect-blobs.ts";

const DAY_MS = 86_400_000;

test("bytes that no row names go a day after they were found; others stay", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const orphan = sha256("a hub died after this");
    await member.blobs.put(orphan, bytesOf("a hub died after this"));
    await sendBlob(member, "proper");
    expect(await adoptOrphans(member)).toBeGreaterThanOrEqual(1);
    expect(await adoptOrphans(member)).toBe(0);
    expect(await isMissing(member, orphan)).toBe(true);

    await collectBlobs(member);
    expect(await member.blobs.read(orphan)).not.toBeNull();
    member.clock.advance(DAY_MS + 1);
    await collectBlobs(member);
    expect(await member.blobs.read(orphan)).toBeNull();
  }));

test("a file that was found on its way in is not an orphan once it has arrived", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const hash = sha256("on its way");
    await member.blobs.put(hash, bytesOf("on its way"));
    await adoptOrphans(member);
    const paused = pausedBefore(member, "put");
    const sending = sendBlob(paused.ctx, "on its way");
    await paused.reached;
    await adoptOrphans(member);
    paused.goOn();
    await sending;
    member.clock.advance(DAY_MS / 2);
    await collectBlobs(member);
    const file = await openFile(member, hash);
    expect(file && (await textOf(file))).toBe("on its way");
  }));

test("an object of a file that lies in a pack too goes once nobody can be about to name it; the file stays", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const text = "brought by two at once";
    const paused = pausedBefore(member, "put");
    const sending = sendBlob(paused.ctx, text);
    await paused.reached;
    await sendPack(member, text);
    paused.goOn();
    await sending;
    await keepFiles(member, text);
    await adoptOrphans(member);
    expect(await member.blobs.read(sha256(text))).toEqual(bytesOf(text));
    member.clock.advance(DAY_MS + 1);
    await adoptOrphans(member);
    expect(await member.blobs.read(sha256(text))).toBeNull();
    const file = await openFile(member, sha256(text));
    expect(file && (await textOf(file))).toBe(text);
  }));
