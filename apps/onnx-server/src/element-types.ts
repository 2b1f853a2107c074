import type { Datatype } from "@podium/shared/tensors/datatype-sizes";

/** ONNX Runtime's names of the Open Inference Protocol's datatypes. It has no BF16 in JavaScript. */
const ELEMENT_TYPES = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Partial<Record<Datatype, string>>;

export type ElementType = (typeof ELEMENT_TYPES)[keyof typeof ELEMENT_TYPES];

const DATATYPES = new Map<string, Datatype>(
  Object.entries(ELEMENT_TYPES).map(([datatype, type]) => [type, datatype as Datatype]),
);

/** Null for BF16 and what is none. */
export function elementTypeOf(datatype: string): ElementType | null {
  return Object.hasOwn(ELEMENT_TYPES, datatype)
    ? ELEMENT_TYPES[datatype as keyof typeof ELEMENT_TYPES]
    : null;
}

/** Null for element types that the Open Inference Protocol has no datatype for (int4, uint4). */
export function datatypeOf(elementType: string): Datatype | null {
  return DATATYPES.get(elementType) ?? null;
}
