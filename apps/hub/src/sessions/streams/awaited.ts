import type { Id, StreamRequest } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { awaitedStreams } from "./store.ts";

/** After so long nobody waits at a stream any more. */
const WAIT_MS = 30_000;

/** What a node shall dial in for. It is told when somebody begins to wait: who is not answered tries again. */
export async function streamsOf(ctx: Context, nodeId: string): Promise<StreamRequest[]> {
  const after = new Date(ctx.clock.now().getTime() - WAIT_MS);
  const rows = await awaitedStreams(ctx.db, nodeId, after);
  return rows.map(({ stream: { id, attemptId, kind, code, cols, rows } }) => ({
    stream_id: id as Id<"stream">,
    attempt_id: attemptId as Id<"attempt">,
    kind,
    code,
    cols,
    rows,
  }));
}
