import type { BatchFrame } from "@podium/shared";
import { answerBatch } from "./answer-batch.ts";
import type { Clock } from "./clock.ts";
import { LoadFailure } from "./load-failure.ts";
import type { Model } from "./model.ts";
import { RunnerLink } from "./runner-link.ts";

const COMPLAINT_MS = 1_000;

/**
 * Announces the model and answers batches, one after the other, until the runner says to stop. What had come by then
 * is answered. Throws `LoadFailure` when the runner does not take the model.
 */
export async function serve(
  model: Model,
  socket: string,
  clock: Clock,
  say: (line: string) => void,
): Promise<void> {
  const complain = atMostEach(COMPLAINT_MS, clock, say);
  const stopped = Promise.withResolvers<void>();
  let working = Promise.resolve();
  const link = new RunnerLink(socket, clock.machineMicros(), {
    connected: () => {
      void link.tell({ type: "ready", signature: model.signature }).then((refusal) => {
        if (refusal !== null) stopped.reject(new LoadFailure(refusal));
      });
    },
    batch: (frame, tail) => {
      working = working.then(() => answer(link, model, frame, tail, complain)).catch(stopped.reject);
    },
    stop: () => stopped.resolve(),
  });
  await stopped.promise;
  await working;
  await link.close();
}

/** A streamed answer is one piece: a model of tensors has nothing to say earlier. */
async function answer(
  link: RunnerLink,
  model: Model,
  frame: BatchFrame,
  tail: Uint8Array,
  complain: (message: string) => void,
) {
  const { batch } = frame;
  const { items, tail: pieces } = await answerBatch(model, frame, tail, complain);
  const [first] = items;
  if (frame.items[0]?.stream && first?.status === 200) {
    link.send({ type: "chunk", batch }, pieces);
    link.send({ type: "result", batch, items: [{ status: 200, length: 0 }] });
  } else link.send({ type: "result", batch, items }, pieces);
}

/** Callers cause these lines: they must not fill the session's log. */
function atMostEach(ms: number, clock: Clock, say: (line: string) => void): (message: string) => void {
  let told = Number.NEGATIVE_INFINITY;
  let left = 0;
  return (message) => {
    if (clock.elapsedMs() - told < ms) {
      left += 1;
      return;
    }
    if (left > 0) say(`${left} more requests failed since`);
    [told, left] = [clock.elapsedMs(), 0];
    say(`a request failed: ${message}`);
  };
}
