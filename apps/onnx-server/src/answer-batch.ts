import { type BatchFrame, type BatchItem, MAX_FRAME_BYTES, type ResultItem } from "@podium/shared";
import { TensorError } from "@podium/shared/tensors/tensor-bytes";
import { NoJsonForm } from "@podium/shared/tensors/write-elements";
import { explainRun } from "./load-failure.ts";
import type { Model } from "./model.ts";
import { type Body, type Plan, Rejected } from "./plan.ts";
import type { RawTensor } from "./raw-tensor.ts";
import { readJson } from "./read-json.ts";
import { readTensors } from "./read-tensors.ts";
import { type RunResults, runAll } from "./run-all.ts";

/** Room for what describes the answers of a batch. */
const MAX_ANSWER_BYTES = MAX_FRAME_BYTES - 1024 ** 2;
const LONGEST_MESSAGE = 500;

export interface BatchAnswer {
  items: ResultItem[];
  tail: Uint8Array[];
}

/** Answers the items of a batch, each with an answer or an error of its own. `complain` hears why the model failed. */
export async function answerBatch(
  model: Model,
  { items }: BatchFrame,
  tail: Uint8Array,
  complain: (message: string) => void,
): Promise<BatchAnswer> {
  const plans = planAll(model, items, tail);
  const runs = plans.flatMap((plan) => (plan instanceof Error ? [] : plan.runs));
  const results = await runAll(model, runs);
  const answer: BatchAnswer = { items: [], tail: [] };
  let start = 0;
  let total = 0;
  for (const plan of plans) {
    const count = plan instanceof Error ? 0 : plan.runs.length;
    const { status, body } = answerOne(
      plan,
      results.slice(start, start + count),
      MAX_ANSWER_BYTES - total,
      complain,
    );
    start += count;
    const length = lengthOf(body);
    total += length;
    answer.items.push({ status, length, ...(body.outputs && { outputs: body.outputs }) });
    answer.tail.push(...body.bytes);
  }
  return answer;
}

function planAll({ signature }: Model, items: readonly BatchItem[], tail: Uint8Array): (Plan | Rejected)[] {
  let offset = 0;
  return items.map((item) => {
    const bytes = tail.subarray(offset, offset + item.length);
    offset += item.length;
    try {
      return item.kind === "json" ? readJson(bytes, signature) : readTensors(item, bytes, signature);
    } catch (error) {
      if (error instanceof Rejected) return error;
      throw error;
    }
  });
}

/** @param room bytes that the answer may have */
function answerOne(
  plan: Plan | Rejected,
  results: RunResults,
  room: number,
  complain: (message: string) => void,
): { status: number; body: Body } {
  if (plan instanceof Error) return { status: 400, body: errorBody(plan.message) };
  const failed = results.find((result) => result instanceof Error);
  if (failed instanceof TensorError) return { status: 400, body: errorBody(failed.message) };
  if (failed instanceof Error) {
    complain(failed.message);
    return { status: 422, body: errorBody(`The model failed: ${explainRun(failed)}`) };
  }
  try {
    const body = plan.write(results as RawTensor[][]);
    if (lengthOf(body) <= room) return { status: 200, body };
    return {
      status: 422,
      body: errorBody(`The answer has ${lengthOf(body)} bytes, too many to send: ask for fewer rows.`),
    };
  } catch (error) {
    if (!(error instanceof NoJsonForm)) throw error;
    return { status: 422, body: errorBody(error.message) };
  }
}

function errorBody(message: string): Body {
  return { bytes: [Buffer.from(JSON.stringify({ error: message.slice(0, LONGEST_MESSAGE) }))] };
}

const lengthOf = ({ bytes }: Body) => bytes.reduce((sum, piece) => sum + piece.byteLength, 0);
