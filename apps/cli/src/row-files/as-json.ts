/**
 * A value of a table as JSON has it: a missing or undefined number is null, a moment its ISO text; whole numbers stay exact.
 * @param where names the row and column. Throws an `Error` for what JSON has no form of
 */
export function asJson(value: unknown, where: string): unknown {
  if (typeof value === "number") {
    if (Number.isNaN(value)) return null;
    if (Number.isFinite(value)) return value;
    throw new Error(`${where} is infinite, which JSON has no number for. Replace it.`);
  }
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array || value instanceof ArrayBuffer)
    throw new Error(`${where} holds bytes, which JSON has no form for. Store texts, or lists of numbers.`);
  if (Array.isArray(value)) return value.map((part) => asJson(part, where));
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, (part) => asJson(part, where));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asJson(part, where)]));
}
