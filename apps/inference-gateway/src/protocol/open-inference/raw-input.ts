import type { ModelSignature } from "@podium/shared";
import { countElements, ELEMENT_BYTES } from "@podium/shared/tensors/datatype-sizes";
import type { Tensor } from "./read-tensor.ts";
import { invalid } from "./request-json.ts";

/**
 * A whole body as the one input of a model. The size of its one variable dimension follows from the number of bytes;
 * a BYTES input gets the body as its one element.
 * Throws `invalid_request` when the model has more inputs or variable dimensions, or the bytes do not fit.
 */
export function readRawInput(body: Uint8Array, signature: ModelSignature | null): Tensor {
  const [spec, another] = signature?.inputs ?? [];
  if (!spec) throw invalid("the model has not said what it takes yet; send inputs with names and shapes");
  const where = `input '${spec.name}'`;
  if (another) throw invalid(`the model takes more than one input; send a JSON header that names them`);
  if (spec.datatype === "BYTES") {
    if (spec.shape.length !== 1 || Math.abs(spec.shape[0] ?? 0) !== 1) {
      throw invalid(`${where} has shape [${spec.shape}]; a raw body can only be an input of shape [1]`);
    }
    return { name: spec.name, datatype: "BYTES", shape: [1], bytes: asElement(body) };
  }
  const variable = spec.shape.filter((size) => size === -1).length;
  if (variable > 1) {
    throw invalid(`${where} has shape [${spec.shape}]; a raw body leaves at most one dimension open`);
  }
  const fixed = countElements(spec.shape.filter((size) => size !== -1)) * ELEMENT_BYTES[spec.datatype];
  const count = fixed > 0 ? body.byteLength / fixed : 0;
  if (variable === 0 ? body.byteLength !== fixed : !Number.isInteger(count) || fixed === 0) {
    const expected = variable === 0 ? `${fixed}` : `a multiple of ${fixed}`;
    throw invalid(
      `${where} (${spec.datatype} [${spec.shape}]) takes ${expected} bytes; the body has ${body.byteLength}`,
    );
  }
  const shape = spec.shape.map((size) => (size === -1 ? count : size));
  return { name: spec.name, datatype: spec.datatype, shape, bytes: body };
}

function asElement(body: Uint8Array): Uint8Array {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(body.byteLength);
  return Buffer.concat([length, body]);
}
