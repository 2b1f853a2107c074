import type { ModelSignature, TensorSpec } from "@podium/shared";
import { parseExact } from "@podium/shared/tensors/exact-json";
import { type Body, type Plan, Rejected } from "./plan.ts";
import { joinRows, type RawTensor } from "./raw-tensor.ts";
import { nestedShape, readNested } from "./read-nested.ts";
import { inOrder } from "./read-tensors.ts";
import { jsonOf, rowsJsonOf } from "./write-json.ts";

type Fields = Record<string, unknown>;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * A request in JSON, of one of these forms; an input's value is nested as its shape says:
 *
 *   {"x": tensor, …}, {"inputs": {"x": tensor, …}}   → {"y": tensor, …}, {"outputs": {"y": tensor, …}}
 *   {"x": row, …}                                    → {"y": row, …}
 *   [{"x": row, …}, …], with one input [row, …]      → a list of rows, with one output of the rows alone
 *
 * A row is a tensor without its first dimension, where that may be 1 with every input; else it is the whole tensor.
 * Throws `Rejected`.
 */
export function readJson(body: Uint8Array, signature: ModelSignature): Plan {
  const value = parse(body);
  if (Array.isArray(value))
    return planOfRows(
      value.map((row, index) => fieldsOf(row, signature, `row ${index}: `)),
      signature,
    );
  const fields = fieldsOf(value, signature, "");
  const isWrapped = isObject(fields["inputs"]) && !signature.inputs.some(({ name }) => name === "inputs");
  const named = isWrapped ? (fields["inputs"] as Fields) : fields;
  const plan = planOfOne(named, signature);
  return isWrapped ? { ...plan, write: (results) => wrap(plan.write(results)) } : plan;
}

function parse(body: Uint8Array): unknown {
  try {
    return parseExact(utf8.decode(body));
  } catch {
    throw new Rejected("the body is not JSON");
  }
}

/** The values by input; a model of one input may be given that alone. */
function fieldsOf(value: unknown, { inputs }: ModelSignature, where: string): Fields {
  if (isObject(value)) return value;
  const [only, another] = inputs;
  if (only && !another) return { [only.name]: value };
  const names = inputs.map(({ name }) => `"${name}"`).join(", ");
  throw new Rejected(`${where}must be an object of the model's inputs ${names}`);
}

/** Whole tensors or a single row, which their nesting tells apart. */
function planOfOne(fields: Fields, signature: ModelSignature): Plan {
  const { inputs } = signature;
  refuseForeign(fields, inputs);
  const isRow =
    takesRows(inputs) &&
    inputs.every(({ name, shape }) => nestedShape(fields[name]).length === shape.length - 1);
  const given = inputs.flatMap((spec) =>
    spec.name in fields ? [readNested(spec, fields[spec.name], isRow)] : [],
  );
  const runs = [inOrder(byName(given), signature)];
  return {
    runs,
    write: ([outputs = []]) => text(`{${outputs.map((output) => member(output, isRow)).join(",")}}`),
  };
}

/** Rows of one request go through the model together where they may, as those of many do. */
function planOfRows(rows: readonly Fields[], signature: ModelSignature): Plan {
  const { inputs, batch } = signature;
  const asRows = takesRows(inputs);
  const runs = rows.map((fields, index) => {
    const where = `row ${index}: `;
    try {
      refuseForeign(fields, inputs);
      const given = inputs.flatMap((spec) =>
        spec.name in fields ? [readNested(spec, fields[spec.name], asRows)] : [],
      );
      return inOrder(byName(given), signature);
    } catch (error) {
      throw error instanceof Rejected ? new Rejected(where + error.message) : error;
    }
  });
  if (runs.length === 0) return { runs: [], write: () => text("[]") };
  if (batch && runs.every((run) => isLike(run, runs[0] ?? []))) {
    const together = inputs.map((_, place) => joinRows(runs.flatMap((run) => run[place] ?? [])));
    return {
      runs: [together],
      write: ([outputs = []]) =>
        text(
          listOf(
            outputs.map((output) => rowsJsonOf(output)),
            outputs,
          ),
        ),
    };
  }
  const write = (results: RawTensor[][]) => {
    const columns = signature.outputs.map((_, place) =>
      results.map((outputs) => answerOf(outputs[place], asRows)),
    );
    return text(listOf(columns, results[0] ?? []));
  };
  return { runs, write };
}

/** Rows of an answer: the values of the one output, or objects of all. @param columns JSON of each row, by output */
function listOf(columns: readonly string[][], outputs: readonly RawTensor[]): string {
  const [first = [], another] = columns;
  if (!another) return `[${first.join(",")}]`;
  const rows = first.map((_, row) => {
    const members = outputs.map(({ name }, place) => `${JSON.stringify(name)}:${columns[place]?.[row]}`);
    return `{${members.join(",")}}`;
  });
  return `[${rows.join(",")}]`;
}

const member = (output: RawTensor, isRow: boolean) =>
  `${JSON.stringify(output.name)}:${answerOf(output, isRow)}`;

/** Of a row that was run alone: without the first dimension again, where the output has one. */
function answerOf(output: RawTensor | undefined, isRow: boolean): string {
  if (!output) return "null";
  return isRow && output.shape[0] === 1 ? (rowsJsonOf(output)[0] ?? "null") : jsonOf(output);
}

/** One row can be told from a whole tensor when each input's first dimension may be 1. */
function takesRows(inputs: readonly TensorSpec[]): boolean {
  return inputs.every(({ shape }) => shape[0] === -1 || shape[0] === 1);
}

/** Bodies of other protocols, and names that nobody knows. */
function refuseForeign(fields: Fields, inputs: readonly TensorSpec[]) {
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const hint =
    unknown === "instances"
      ? '; {"instances": […]} goes to /v1/models/NAME:predict'
      : unknown === "inputs" && Array.isArray(fields["inputs"])
        ? "; a list of inputs goes to /v2/models/NAME/infer"
        : "";
  const known = names.map((name) => `'${name}'`).join(", ");
  throw new Rejected(`input '${unknown.slice(0, 80)}' is unknown; the model takes ${known}${hint}`);
}

function isLike(one: readonly RawTensor[], other: readonly RawTensor[]): boolean {
  return one.every(({ shape }, place) => String(shape.slice(1)) === String(other[place]?.shape.slice(1)));
}

const byName = (tensors: readonly RawTensor[]) => new Map(tensors.map((tensor) => [tensor.name, tensor]));
const text = (json: string): Body => ({ bytes: [Buffer.from(json)] });
const wrap = ({ bytes }: Body): Body => ({ bytes: [Buffer.from('{"outputs":'), ...bytes, Buffer.from("}")] });

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
