/** Six elements of a datatype, as JSON texts and as the bytes that the specification lays down for them. */
export interface Sample {
  /** null: the datatype has no JSON form */
  json: string[] | null;
  elements: Uint8Array[];
}

const texts = ["", "a", "héé", '{"a": [1]}', '"quoted"', "\u0000\n☃"];

/** Where a datatype's range ends, and what a double can't hold. */
export const SAMPLES: Record<string, Sample> = {
  BOOL: { json: ["true", "false", "false", "true", "true", "false"], elements: bytes(1, [1, 0, 0, 1, 1, 0]) },
  UINT8: numbers(new Uint8Array([0, 1, 127, 128, 254, 255])),
  UINT16: numbers(new Uint16Array([0, 1, 255, 256, 32_768, 65_535])),
  UINT32: numbers(new Uint32Array([0, 1, 65_536, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1])),
  UINT64: numbers(new BigUint64Array([0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 2n, 2n ** 64n - 1n])),
  INT8: numbers(new Int8Array([0, 1, -1, 127, -127, -128])),
  INT16: numbers(new Int16Array([0, -1, 255, 256, 32_767, -32_768])),
  INT32: numbers(new Int32Array([0, -1, 65_536, -65_537, 2 ** 31 - 1, -(2 ** 31)])),
  INT64: numbers(
    new BigInt64Array([0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)]),
  ),
  FP16: { ...numbers(new Float16Array([0, 0.5, -2, 65_504, -65_504, 2 ** -24])), json: null },
  FP32: numbers(new Float32Array([0, 0.5, -2.25, 16_777_216, 1.5e30, -1.5e-30])),
  FP64: numbers(new Float64Array([0, 0.1, -1 / 3, 2 ** 53, 1e300, 5e-324])),
  BF16: { json: null, elements: bytes(2, [0, 0, 0x80, 0x3f, 0x49, 0xc0, 0x7f, 0x7f, 0x80, 0x7f, 1, 0]) },
  BYTES: { json: texts.map((text) => JSON.stringify(text)), elements: texts.map(asElement) },
};

/** Elements of `count` rows of two, the first of them the sample's `start`. */
export function rowsOf(datatype: string, count: number, start = 0): { json: string | null; raw: Uint8Array } {
  const { json, elements } = SAMPLES[datatype] ?? { json: null, elements: [] };
  const places = Array.from({ length: count * 2 }, (_, index) => (start + index) % 6);
  return {
    json: json && `[${places.map((place) => json[place]).join(",")}]`,
    raw: Buffer.concat(places.map((place) => elements[place] ?? new Uint8Array(0))),
  };
}

type Numbers =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array;

function numbers(values: Numbers): Sample {
  const raw = new Uint8Array(values.buffer as ArrayBuffer);
  return { json: Array.from(values, String), elements: bytes(values.BYTES_PER_ELEMENT, raw) };
}

function bytes(size: number, raw: Iterable<number>): Uint8Array[] {
  const all = Uint8Array.from(raw);
  return Array.from({ length: all.length / size }, (_, index) => all.slice(index * size, (index + 1) * size));
}

function asElement(text: string): Uint8Array {
  const body = Buffer.from(text);
  return Buffer.concat([new Uint8Array(new Uint32Array([body.byteLength]).buffer), body]);
}
