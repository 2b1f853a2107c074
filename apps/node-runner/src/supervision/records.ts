import type { OnBehalf } from "../hub/client.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { RunnerContext } from "./context.ts";
import { Sender } from "./sender.ts";
import { Spool } from "./spool.ts";
import { readCursor, readRecords } from "./spool-reader.ts";

/** An attempt's spool with the sender that empties it. */
export interface Records {
  spool: Spool;
  sender: Sender;
}

/** Opens the spool where an earlier runner left it and goes on sending from there. */
export async function openRecords(
  context: RunnerContext,
  on: OnBehalf,
  folder: AttemptFolder,
  callbacks: { onStale: () => void; onTrouble: (error: unknown) => void },
): Promise<Records> {
  const [spool, cursor] = await Promise.all([Spool.open(folder.spool), readCursor(folder.cursor)]);
  spool.onTrouble = callbacks.onTrouble;
  await pinUnsent(context, folder, spool, cursor.offset);
  const sender = new Sender({
    on,
    hub: context.hub,
    blobs: context.blobs,
    spool,
    spoolPath: folder.spool,
    cursorPath: folder.cursor,
    cursor,
    log: context.log,
    metrics: context.metrics,
    random: context.random,
    onStale: callbacks.onStale,
  });
  sender.start();
  return { spool, sender };
}

/** The files of checkpoints that the hub does not have yet must not be evicted from the cache. */
async function pinUnsent(context: RunnerContext, folder: AttemptFolder, spool: Spool, from: number) {
  for (let offset = from; ; ) {
    const { records, end } = await readRecords(folder.spool, offset, spool.durableBytes, 1000);
    for (const { record } of records) {
      if ("entries" in record) for (const entry of record.entries) context.blobs.pin(entry.sha256);
    }
    if (end === offset) return;
    offset = end;
  }
}
