/** Why a model can't be served, in words for whoever bound it. */
export class LoadFailure extends Error {
  override readonly name = "LoadFailure";
  /** @param hint what to do about it */
  constructor(
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message);
  }
}

type Explain = (found: string[], file: string) => LoadFailure;

/** What ONNX Runtime says of models that it can't load, and what that means. */
const KNOWN: [RegExp, Explain][] = [
  [
    /Protobuf parsing failed|does not have a graph/i,
    (_, file) =>
      new LoadFailure(
        `${file} is no ONNX model, or only a part of one.`,
        "Export it again, and upload it whole.",
      ),
  ],
  [
    /Opset (\d+) is under development.*Current official support for domain (\S+) is till opset (\d+)/s,
    ([opset, domain, most], file) =>
      new LoadFailure(
        `${file} needs opset ${opset} of ${domain}; this runtime knows those up to ${most}.`,
        `Export it with opset_version=${most} or lower.`,
      ),
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    ([version, most], file) =>
      new LoadFailure(
        `${file} has the ONNX IR version ${version}; this runtime knows those up to ${most}.`,
        `Set model.ir_version = ${most} before saving, or export with an older onnx package.`,
      ),
  ],
  [
    /No Op registered for (\S+)(?: with domain_version of (\d+))?/,
    ([operator, opset], file) =>
      new LoadFailure(
        `${file} uses the operator ${operator}${opset ? ` (opset ${opset})` : ""}, which this runtime does not have.`,
        "Only ONNX's own operators are served: export without custom operators.",
      ),
  ],
  [
    /Could not find an implementation for (\S+)\(/,
    ([operator], file) =>
      new LoadFailure(
        `${file} uses the operator ${operator} with datatypes or a version that this runtime has no code for.`,
        "Export with another datatype or opset_version.",
      ),
  ],
  [
    /escapes (?:the )?(?:model )?directory|Absolute path not allowed/i,
    (_, file) =>
      new LoadFailure(
        `${file} names a file of weights that lies outside its own folder.`,
        "Save the weights beside the model, and upload the folder that holds both.",
      ),
  ],
  [
    /external data|External initializer|GetFileLength/i,
    (_, file) =>
      new LoadFailure(
        `${file} has its weights in another file, which is missing or too short.`,
        "Upload the folder that holds both.",
      ),
  ],
  [
    /Unsupported data type: (\d+)/,
    ([type], file) =>
      new LoadFailure(
        `${file} has an input or output of ${ELEMENT_TYPES[Number(type)] ?? `the element type ${type}`}, which can't be served.`,
        "Cast it to float32 or another common datatype inside the model.",
      ),
  ],
  [
    /bad_alloc|Failed to allocate memory|out of memory/i,
    (_, file) =>
      new LoadFailure(
        `${file} needs more memory than the session has.`,
        "Bind it with more memory, or serve a smaller model.",
      ),
  ],
];

/** Element types of the ONNX format that no tensor here can have, by their numbers. */
const ELEMENT_TYPES: Record<number, string> = {
  14: "complex64",
  15: "complex128",
  16: "bfloat16",
  17: "float8",
  18: "float8",
  19: "float8",
  20: "float8",
  23: "float4",
};

/** @param error what ONNX Runtime threw while it loaded the model in `file` */
export function explainLoad(error: unknown, file: string): LoadFailure {
  const said = messageOf(error);
  for (const [pattern, explain] of KNOWN) {
    const found = pattern.exec(said);
    if (found) return explain(found.slice(1), file);
  }
  return new LoadFailure(`${file} can't be loaded: ${withoutSource(said)}`);
}

/** An error's text without the places in ONNX Runtime's own source that it names. */
function withoutSource(text: string): string {
  return text
    .replace(/^.*?failed: ?/s, (start) => (start.includes("Load model from") ? "" : start))
    .replace(/\S*onnxruntime\S*\.(?:cc|h|cuh?):\d+ .*?\)(?: const)? (?=[A-Z[])/gs, "")
    .replace(/\s+/g, " ")
    .trim();
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What ONNX Runtime said of a run that failed, for the caller whose run it was. */
export function explainRun(error: unknown): string {
  const said = messageOf(error);
  if (/bad_alloc|Failed to allocate memory|out of memory/i.test(said))
    return "it needs more memory than the session has";
  return withoutSource(said);
}
