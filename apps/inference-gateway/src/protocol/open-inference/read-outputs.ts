import type { ModelSignature } from "@podium/shared";
import { namesOf } from "./fit-signature.ts";
import { readFlag, readParameters, refuseUnknownForms } from "./read-parameters.ts";
import { invalid, isObject, quoted } from "./request-json.ts";

/** An output that the caller wants, and whether as raw bytes. */
export interface OutputChoice {
  name: string;
  binary: boolean;
}

/**
 * The outputs that a request names; null: all of them.
 * @param binary whether outputs that do not say otherwise are wanted as raw bytes
 * Throws `invalid_request` when one is unknown, named twice, or has no form that was asked for.
 */
export function readOutputs(
  given: unknown,
  signature: ModelSignature | null,
  binary: boolean,
): OutputChoice[] | null {
  const choices = readChoices(given, signature, binary);
  for (const { name, datatype } of signature?.outputs ?? []) {
    const choice = choices ? choices.find((one) => one.name === name) : { binary };
    if (datatype === "BF16" && choice && !choice.binary) throw invalid(noJsonForm(name));
  }
  return choices;
}

/** Why an output can't be written into JSON. */
export function noJsonForm(name: string): string {
  return `output '${name}' is BF16, which has no JSON form; ask for it with the parameter binary_data: true`;
}

function readChoices(given: unknown, signature: ModelSignature | null, binary: boolean) {
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) throw invalid("outputs must be a list");
  const choices: OutputChoice[] = [];
  for (const [index, output] of given.entries()) {
    const choice = readChoice(output, index, signature, binary);
    if (choices.some(({ name }) => name === choice.name)) {
      throw invalid(`output '${quoted(choice.name)}' is named more than once`);
    }
    choices.push(choice);
  }
  return choices.length > 0 ? choices : null;
}

function readChoice(
  output: unknown,
  index: number,
  signature: ModelSignature | null,
  binary: boolean,
): OutputChoice {
  const name = isObject(output) ? output["name"] : undefined;
  if (!isObject(output) || typeof name !== "string") throw invalid(`outputs[${index}].name must be a text`);
  const where = `output '${quoted(name)}'`;
  if (signature && !signature.outputs.some((spec) => spec.name === name)) {
    throw invalid(`${where} is unknown; the model gives ${namesOf(signature.outputs)}`);
  }
  const parameters = readParameters(output["parameters"], `${where}: parameters`);
  refuseUnknownForms(parameters, where);
  return { name, binary: readFlag(parameters, "binary_data", `${where}: parameters`) ?? binary };
}
