import { joinRows, type RawTensor, splitRows } from "./raw-tensor.ts";

/** Numbers of rows that a model on a GPU is run with, as far as they go. */
export const ROW_COUNTS = [1, 2, 4, 8, 16, 32, 64] as const;

/**
 * Runs a model whose rows don't depend on one another with the next of `ROW_COUNTS`, the last row standing in for those that
 * are missing, and gives the outputs of the rows that were asked for. cuDNN looks for its fastest algorithms at each new shape,
 * for a second and more: of a few shapes that is soon over, of any number of rows it never is.
 */
export async function runRounded(
  inputs: readonly RawTensor[],
  run: (inputs: readonly RawTensor[]) => Promise<RawTensor[]>,
): Promise<RawTensor[]> {
  const rows = inputs[0]?.shape[0] ?? 0;
  const missing = (ROW_COUNTS.find((count) => count >= rows) ?? rows) - rows;
  if (rows === 0 || missing === 0) return run(inputs);
  const outputs = await run(inputs.map((input) => lengthen(input, rows, missing)));
  return outputs.map((output) => splitRows(output, [rows])[0] ?? output);
}

function lengthen(input: RawTensor, rows: number, missing: number): RawTensor {
  const [, last] = splitRows(input, [rows - 1, 1]);
  return last ? joinRows([input, ...Array<RawTensor>(missing).fill(last)]) : input;
}
