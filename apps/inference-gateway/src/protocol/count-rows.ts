/** Bytes that are looked at; of a longer body the rest is taken to be like them. */
const LOOKED_AT = 64 * 1024;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * How many rows a JSON body holds: the elements of a list, otherwise one. It is not parsed, and may be no JSON at all:
 * whoever reads it says so. At least 1.
 */
export function countRows(body: Uint8Array): number {
  let start = 0;
  while (start < body.length && (body[start] ?? 0) <= 0x20) start += 1;
  if (body[start] !== OPEN_LIST) return 1;
  const end = Math.min(body.length, start + LOOKED_AT);
  const rows = 1 + countCommas(body, start + 1, end);
  return end === body.length ? rows : Math.round((rows * (body.length - start)) / (end - start));
}

/** Commas between the elements of the outermost list. */
function countCommas(body: Uint8Array, start: number, end: number): number {
  let commas = 0;
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfText(body, at + 1, end);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    else if (byte === COMMA && depth === 0) commas += 1;
  }
  return commas;
}

function endOfText(body: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}
