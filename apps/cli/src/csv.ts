/** A value of a CSV cell; null is an empty one. */
export type CsvValue = string | number | boolean | null;

/** What a spreadsheet takes for the beginning of a formula, also after spaces that it cuts off. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%＝＋－＠]/u;

/**
 * CSV by RFC 4180 with a header. Text that a spreadsheet would run as a formula gets an apostrophe before it, as OWASP
 * says ("CSV injection"); numbers stay as they are, to the last digit.
 */
export function csvOf(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(value: CsvValue): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = FORMULA.test(value) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
