/** A field of a row as text; `nested` is a list or an object, which is never an id, a number or a label. */
export type JsonField = { text: string } | "nested";

class RawNumber {
  constructor(readonly text: string) {}
}

/** The reviver's third argument (ECMAScript, "JSON.parse source text access"): how a number was written. */
type SourceReviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * One line of JSONL: its fields, without those that are null. Used for the first row and to explain a bad file;
 * the rows of a good one never pass through here. NaN and ±Infinity, which Python writes, are understood.
 * @returns a sentence for people when the line is not one JSON object
 */
export function jsonlRecord(line: string): Map<string, JsonField> | string {
  let row: unknown;
  try {
    row = parse(
      line.replace(/([:,[]\s*)(-?(?:NaN|Infinity))(?=\s*[,}\]])/g, '$1"$2"'),
      (_key, value, context) =>
        typeof value === "number" ? new RawNumber(context.source ?? String(value)) : value,
    );
  } catch {
    return "is not valid JSON. Write one JSON object per line.";
  }
  if (Array.isArray(row)) return "is a JSON array. Write one JSON object per line.";
  if (typeof row !== "object" || row === null || row instanceof RawNumber) {
    return "is not a JSON object. Write one JSON object per line.";
  }
  const fields = new Map<string, JsonField>();
  for (const [name, value] of Object.entries(row)) {
    if (value === null) continue;
    if (value instanceof RawNumber) fields.set(name, { text: value.text });
    else fields.set(name, typeof value === "object" ? "nested" : { text: String(value) });
  }
  return fields;
}
