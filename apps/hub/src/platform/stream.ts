import { DomainError } from "@podium/shared";

/** What of a file a `Range` header asks for: from `start` up to, not including, `end`. */
export interface Slice {
  start: number;
  end: number;
}

/**
 * Reads a `Range` header. Null means the whole file: without a header, and for forms that a server may ignore
 * (several ranges, the last N bytes). @throws DomainError `range_not_satisfiable` when it begins behind the end
 */
export function sliceOf(header: string | undefined, size: number): Slice | null {
  const [, from = "", to = ""] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === "") return null;
  const start = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < start) return null;
  if (start < size) return { start, end: last + 1 };
  throw new DomainError(
    "range_not_satisfiable",
    `The file has ${size} bytes: there are none from ${start}.`,
    {
      size_bytes: size,
    },
  );
}

/** A body that is made as fast as it is read, and no longer than somebody reads it. */
export function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await parts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

const OCTETS = { "content-type": "application/octet-stream", "x-content-type-options": "nosniff" };

/** Answers with bytes of unknown number. */
export function answerStream(parts: AsyncGenerator<Uint8Array>, type?: string): Response {
  return new Response(streamOf(parts), {
    headers: { ...OCTETS, ...(type === undefined ? {} : { "content-type": type }) },
  });
}

/** Answers with a file, or with the part of it that `Range` asks for. @throws DomainError `range_not_satisfiable` */
export function answerFile(
  file: { size: number; read(start: number, end: number): AsyncGenerator<Uint8Array> },
  range: string | undefined,
): Response {
  const slice = sliceOf(range, file.size);
  const { start, end } = slice ?? { start: 0, end: file.size };
  return new Response(streamOf(file.read(start, end)), {
    status: slice ? 206 : 200,
    headers: {
      ...OCTETS,
      "accept-ranges": "bytes",
      ...(slice ? { "content-range": `bytes ${start}-${end - 1}/${file.size}` } : {}),
    },
  });
}
