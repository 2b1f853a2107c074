import type { ModelSignature, TensorSpec } from "@podium/shared";
import { isAlike } from "./alike.ts";
import { explainRun, LoadFailure } from "./load-failure.ts";
import type { RawTensor } from "./raw-tensor.ts";
import { joinRows, splitRows } from "./raw-tensor.ts";
import { ROW_COUNTS } from "./round-rows.ts";
import { type Filling, sampleOf } from "./sample-rows.ts";
import { type ModelTensors, signatureOf } from "./signature.ts";

export type TrialRun = (inputs: readonly RawTensor[]) => Promise<RawTensor[]>;

/** Sizes of open dimensions after the first: images must often be larger than the model's windows. */
const OPEN_SIZES = [1, 64, 224];

interface WarmUpOptions {
  /** a line for the session's log */
  say(line: string): void;
  /** whether to go on to the next number of rows, where each costs time of its own once (on a GPU) */
  goesOn(): boolean;
}

/**
 * Runs the model once with zeros, so that the first caller does not wait for what is done once, and finds out whether
 * rows may go through it together. Throws `LoadFailure`.
 */
export async function warmUp(
  tensors: ModelTensors,
  run: TrialRun,
  { say, goesOn }: WarmUpOptions,
): Promise<ModelSignature> {
  const { inputs } = tensors;
  const { open, given } = await firstRun(inputs, run);
  // Of an output whose shape the file does not say, this is the first that is known.
  const outputs = tensors.outputs.map((spec, index) => ({
    ...spec,
    shape: spec.shape.length > 0 ? spec.shape : (given[index]?.shape.map(() => -1) ?? []),
  }));
  const known = { ...tensors, outputs };
  if (!tensors.mayBatch) return signatureOf(known, false);
  const whyNot = await whyRowsDepend(inputs, open, run);
  if (whyNot === null) {
    const most = await runWithMoreRows(inputs, open, run, goesOn);
    if (most > 0) say(`it has run with up to ${most} rows; the first calls with more are slow`);
  } else say(`calls are answered one by one: ${whyNot}`);
  return signatureOf(known, whyNot === null);
}

async function firstRun(inputs: readonly TensorSpec[], run: TrialRun) {
  const isOpen = inputs.some(({ shape }) => shape.slice(1).includes(-1));
  let first: unknown = null;
  for (const open of isOpen ? OPEN_SIZES : OPEN_SIZES.slice(0, 1)) {
    try {
      return { open, given: await run(inputs.map((spec) => sampleOf(spec, open, "zeros"))) };
    } catch (error) {
      first ??= error;
    }
  }
  throw new LoadFailure(
    `The model was loaded, but does not run: ${explainRun(first)}`,
    "It was tried with zeros, and 1 for each open dimension.",
  );
}

/**
 * An open first dimension is mostly the number of rows, but may be anything. Two rows are run alone and together: when
 * that makes a difference, rows of different callers must not meet. Null: it makes none.
 */
async function whyRowsDepend(
  inputs: readonly TensorSpec[],
  open: number,
  run: TrialRun,
): Promise<string | null> {
  const rowsOf = (fillings: readonly Filling[]) =>
    fillings.map((filling) => inputs.map((spec) => sampleOf(spec, open, filling)));
  try {
    return await compare(rowsOf([{ seed: 0 }, { seed: 1 }]), run);
  } catch {
    // Not every model takes any value, but this one has taken zeros.
  }
  try {
    return await compare(rowsOf(["zeros", "zeros"]), run);
  } catch (error) {
    return `two rows at once fail (${explainRun(error)})`;
  }
}

/**
 * One row and two were run already. What does not fit into the device's memory is left, as is all that is larger.
 * Gives the largest number of rows that was run; 0: none.
 */
async function runWithMoreRows(
  inputs: readonly TensorSpec[],
  open: number,
  run: TrialRun,
  goesOn: () => boolean,
): Promise<number> {
  let most = 0;
  for (const rows of ROW_COUNTS.slice(2)) {
    if (!goesOn()) break;
    const zeros = inputs.map((spec) => joinRows(Array(rows).fill(sampleOf(spec, open, "zeros"))));
    try {
      await run(zeros);
      most = rows;
    } catch {
      break;
    }
  }
  return most;
}

async function compare(rows: readonly RawTensor[][], run: TrialRun): Promise<string | null> {
  const alone: RawTensor[][] = [];
  for (const row of rows) alone.push(await run(row));
  const places = rows[0]?.keys() ?? [];
  const together = await run([...places].map((place) => joinRows(rows.flatMap((row) => row[place] ?? []))));
  for (const [place, output] of together.entries()) {
    const expected = alone.flatMap((outputs) => outputs[place] ?? []);
    const counts = expected.map(({ shape }) => shape[0] ?? 0);
    if (counts.some((count) => count !== 1) || output.shape[0] !== rows.length)
      return `the first dimension of output '${output.name}' is not the number of rows`;
    const parts = splitRows(output, counts);
    if (!parts.every((part, row) => isAlike(part, expected[row])))
      return `output '${output.name}' of a row depends on the other rows`;
  }
  return null;
}
