import { z } from "zod";

/** Datatypes of the Open Inference Protocol v2. */
export const DATATYPES = [
  "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES",
] as const;

/** Name, datatype and shape of a tensor; −1 in a shape stands for any size. */
export const tensorSpecSchema = z
  .object({ name: z.string().min(1), datatype: z.enum(DATATYPES), shape: z.array(z.number().int().min(-1)) })
  .meta({ id: "TensorSpec" });
export type TensorSpec = z.infer<typeof tensorSpecSchema>;
