/** After so many bytes of buffers the collector is told. */
const EVERY_BYTES = 32 * 1024 ** 2;
/** From here on it has to finish before the work goes on, bytes: then no new garbage comes while it looks for the old. */
const TIGHT_BYTES = 220 * 1024 ** 2;

let since = 0;

/**
 * Says that a buffer of so many bytes was made for data that passes through. The collector looks at the size of its
 * own heap, of which buffers are no part: left alone it lets hundreds of megabytes of them pile up.
 */
export function passedThrough(bytes: number): void {
  since += bytes;
  if (since < EVERY_BYTES) return;
  since = 0;
  Bun.gc(process.memoryUsage.rss() > TIGHT_BYTES);
}

/**
 * Gives the memory of a buffer back now, rather than when it is collected: nobody can read it any more. So a push, whose
 * bytes are copied as they come, leaves no garbage and needs no collector.
 */
export function release(part: Uint8Array): void {
  const { buffer } = part;
  // Of memory that others may have parts of nothing is taken.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === part.byteLength) buffer.transfer(0);
}
