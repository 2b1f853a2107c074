import { z } from "zod";
import { idSchema } from "./ids.ts";

const columns = z.number().int().min(1).max(1000);

/** A shell inside a session (`sh`), or Python that its script evaluates (`exec`). */
export const createStreamSchema = z
  .strictObject({
    kind: z.enum(["sh", "exec"]),
    code: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .describe("exec: what is evaluated, or run when it is no expression"),
    rank: z
      .number()
      .int()
      .min(0)
      .max(1023)
      .optional()
      .describe("Which member of a gang is entered; default 0"),
    cols: columns.optional().describe("sh: width of the terminal; default 80"),
    rows: columns.optional().describe("sh: its height; default 24"),
  })
  .refine(({ kind, code }) => (kind === "exec") === (code !== undefined), {
    path: ["code"],
    error: "goes with exec, and exec needs it",
  })
  .meta({ id: "CreateStream" });

export const streamSchema = z.object({ id: idSchema("stream") }).meta({ id: "Stream" });

/** What a hub tells a node of a stream that somebody waits for; the runner then dials in. */
export const streamRequestSchema = z.object({
  stream_id: idSchema("stream"),
  attempt_id: idSchema("attempt"),
  kind: z.enum(["sh", "exec"]),
  code: z.string().nullable(),
  cols: columns,
  rows: columns,
});
export type StreamRequest = z.infer<typeof streamRequestSchema>;

/**
 * On a stream, binary messages are bytes of the terminal, texts are these. The reader acknowledges what it has shown;
 * the runner has at most `STREAM_WINDOW_BYTES` on their way, so that no output fills anybody's memory.
 */
export const streamControlSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("resize"), cols: columns, rows: columns }),
  z.object({ type: z.literal("ack"), bytes: z.number().int().nonnegative() }),
  z.object({ type: z.literal("exit"), code: z.number().int().nullable(), message: z.string().nullable() }),
]);
export type StreamControl = z.infer<typeof streamControlSchema>;

export const STREAM_WINDOW_BYTES = 256 * 1024;
/** The most that one message may carry. */
export const STREAM_MESSAGE_BYTES = 64 * 1024;

/** What a text message of a stream says; null when it is none of the protocol. */
export function readStreamControl(text: string): StreamControl | null {
  try {
    return streamControlSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
