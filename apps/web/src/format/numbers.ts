const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** A count with thousands separators. */
export const count = (value: number): string => whole.format(value);

/** `one thing`, `2 things`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${Math.abs(value) === 1 ? one : many}`;

/** A measured value with about four significant digits; very large and very small ones in powers of ten. */
export function measure(value: number | null): string {
  if (value === null || Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return minus(value.toExponential(2).replace("e+", "e"));
  if (Number.isInteger(value)) return minus(String(value));
  const digits = size >= 1000 ? 1 : Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(size))));
  return minus(value.toFixed(digits));
}

/** A round number on an axis, as short as it goes: `0.5`, `1200`, `2e−5`. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6))
    return minus(Number(value.toPrecision(4)).toExponential().replace("e+", "e"));
  return minus(String(Number(value.toPrecision(6))));
}

const MIN_DECIMALS = 3;
const MAX_DECIMALS = 9;

/**
 * Decimals that a column of scores needs so that different scores look different: four significant digits of
 * the largest, more where neighbours would look alike.
 */
export function scoreDecimals(scores: readonly number[]): number {
  const finite = scores.filter(Number.isFinite);
  const largest = Math.max(0, ...finite.map(Math.abs));
  const distinct = new Set(finite).size;
  const start = largest === 0 ? MIN_DECIMALS : Math.max(0, 3 - Math.floor(Math.log10(largest)));
  for (let decimals = Math.min(start, MAX_DECIMALS); decimals < MAX_DECIMALS; decimals += 1) {
    if (new Set(finite.map((score) => score.toFixed(decimals))).size === distinct) return decimals;
  }
  return MAX_DECIMALS;
}

/** A score with a fixed number of decimals, so that a column lines up. */
export const score = (value: number, decimals: number): string => minus(value.toFixed(decimals));

const minus = (text: string) => text.replaceAll("-", "−");

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes in the unit that people read, such as 512 MiB. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${Number(size.toFixed(size < 10 && unit > 0 ? 1 : 0))} ${UNITS[unit]}`;
}

/** CPUs from thousandths of a CPU: `0.5 CPU`, `4 CPUs`. */
export function cpus(milli: number): string {
  const cores = Number((milli / 1000).toFixed(2));
  return `${cores} ${cores <= 1 ? "CPU" : "CPUs"}`;
}

const MICROCREDITS = 1_000_000;
const creditFormat = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Credits from microcredits, two decimals; what is smaller than a hundredth but not nothing keeps its digits. */
export function credits(micro: number, options: { signed?: boolean } = {}): string {
  const value = micro / MICROCREDITS;
  const text = micro !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(2) : creditFormat.format(value);
  return `${options.signed && micro > 0 ? "+" : ""}${minus(text)}`;
}
