import type { Model } from "./model.ts";
import { joinRows, type RawTensor, splitRows } from "./raw-tensor.ts";

/** Outputs of each run; an error stands in the place of one that failed. */
export type RunResults = (RawTensor[] | Error)[];

/**
 * Runs a model for many requests: together where their rows may be, so that one pass serves all. What fails together
 * is run again one by one, so that a bad request fails alone.
 */
export async function runAll(model: Model, runs: readonly RawTensor[][]): Promise<RunResults> {
  const results: RunResults = [];
  for (const group of groupsOf(model, runs)) {
    const inputs = group.map((place) => runs[place] ?? []);
    const outputs =
      (inputs.length > 1 ? await runTogether(model, inputs) : null) ?? (await runAlone(model, inputs));
    for (const [index, place] of group.entries())
      results[place] = outputs[index] ?? new Error("It was not run.");
  }
  return results;
}

/** Places of runs that may be one: their inputs differ in the first dimension alone. */
function groupsOf({ batches }: Model, runs: readonly RawTensor[][]): number[][] {
  if (!batches) return runs.map((_, place) => [place]);
  const groups = new Map<string, number[]>();
  for (const [place, inputs] of runs.entries()) {
    const key = inputs.map(({ shape }) => shape.slice(1).join("x")).join(" ");
    const group = groups.get(key);
    if (group) group.push(place);
    else groups.set(key, [place]);
  }
  return [...groups.values()];
}

async function runTogether(model: Model, runs: readonly RawTensor[][]): Promise<RawTensor[][] | null> {
  const counts = runs.map(rowsOf);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  try {
    const inputs = model.signature.inputs.map((_, place) =>
      joinRows(runs.flatMap((run) => run[place] ?? [])),
    );
    const outputs = await model.run(inputs);
    if (outputs.some(({ shape }) => shape[0] !== rows)) return null;
    const columns = outputs.map((output) => splitRows(output, counts));
    return runs.map((_, index) => columns.flatMap((column) => column[index] ?? []));
  } catch {
    return null;
  }
}

async function runAlone(model: Model, runs: readonly RawTensor[][]): Promise<RunResults> {
  const results: RunResults = [];
  for (const inputs of runs) {
    const isEmpty = model.batches && rowsOf(inputs) === 0;
    results.push(isEmpty ? nothingOf(model) : await model.run(inputs).catch(asError));
  }
  return results;
}

/** Of no rows there is nothing to compute, and many operators can't. */
function nothingOf({ signature }: Model): RawTensor[] {
  return signature.outputs.map(({ name, datatype, shape }) => ({
    name,
    datatype,
    shape: [0, ...shape.slice(1).map((size) => Math.max(size, 0))],
    bytes: new Uint8Array(0),
  }));
}

const rowsOf = (inputs: readonly RawTensor[]) => inputs[0]?.shape[0] ?? 0;
const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
