import type { TensorSpec } from "@podium/shared";

export type Schema = Record<string, unknown>;

const INTEGER_BITS = /^(U?)INT(\d+)$/;

/** One element of a tensor in JSON, with its range. */
function elementSchema(datatype: TensorSpec["datatype"]): Schema {
  if (datatype === "BOOL") return { type: "boolean" };
  if (datatype === "BYTES") return { type: "string" };
  const [, unsigned, width] = INTEGER_BITS.exec(datatype) ?? [];
  if (width === undefined) return { type: "number" };
  const format = `${unsigned ? "uint" : "int"}${width}`;
  const bits = Number(width);
  // Beyond 2^53 the bounds themselves could not be written as JSON numbers.
  if (bits === 64) return { type: "integer", format, ...(unsigned ? { minimum: 0 } : {}) };
  const maximum = unsigned ? 2 ** bits - 1 : 2 ** (bits - 1) - 1;
  return { type: "integer", format, minimum: unsigned ? 0 : -maximum - 1, maximum };
}

/** A row of one tensor: nested lists, each of the size that the shape says. */
function rowSchema({ datatype, shape }: TensorSpec): Schema {
  return shape
    .slice(1)
    .reduceRight<Schema>((items, size) => sized({ type: "array", items }, size), elementSchema(datatype));
}

/** A tensor of a request or an answer. */
export function tensorSchema({ name, datatype, shape }: TensorSpec, required: readonly string[]): Schema {
  return {
    type: "object",
    required: ["name", "datatype", "shape", ...required],
    properties: {
      name: { const: name },
      datatype: { const: datatype },
      shape: {
        type: "array",
        description: `[${shape}], where -1 is any size`,
        prefixItems: shape.map((size) => (size === -1 ? { type: "integer", minimum: 0 } : { const: size })),
        minItems: shape.length,
        maxItems: shape.length,
      },
      data: {
        type: "array",
        description: "Flat or nested, row-major. Left out when the tensor is sent as raw bytes.",
      },
      parameters: {
        type: "object",
        properties: { binary_data_size: { type: "integer", minimum: 0 } },
      },
    },
  };
}

/** Rows for a model's `infer`: any JSON where it has not declared what it takes. */
export function rowsSchema(specs: readonly TensorSpec[], isDeclared: boolean): Schema {
  if (!isDeclared) return {};
  const [only] = specs;
  if (only && specs.length === 1) return rowSchema(only);
  return {
    type: "object",
    required: specs.map(({ name }) => name),
    properties: Object.fromEntries(specs.map((spec) => [spec.name, rowSchema(spec)])),
  };
}

/** Parameters of a request: `timeout`, and the model's own. @param more of the protocol */
export function callParameters(more: Schema = {}): Schema {
  return {
    type: "object",
    properties: {
      timeout: {
        type: "integer",
        minimum: 1,
        description: "Time limit in microseconds, as X-Request-Timeout-Ms",
      },
      ...more,
    },
    additionalProperties: { type: ["string", "number", "boolean"] },
  };
}

/** A body of JSON. @param example undefined: none */
export function jsonBody(schema: Schema, example: unknown) {
  const content = { schema, ...(example === undefined ? {} : { example }) };
  return { required: true, content: { "application/json": content } };
}

function sized(schema: Schema, size: number): Schema {
  return size === -1 ? schema : { ...schema, minItems: size, maxItems: size };
}
