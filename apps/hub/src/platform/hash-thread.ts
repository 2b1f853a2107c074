import { createHash } from "node:crypto";
import type { HashAnswer, HashRequest } from "./hash-aside.ts";

/** The thread that names bytes. The buffer is handed over, not copied, and handed back. */
declare const self: Worker;

self.onmessage = ({ data: { id, buffer, parts } }: MessageEvent<HashRequest>) => {
  const digests = parts.map(({ offset, size }) =>
    createHash("sha256")
      .update(new Uint8Array(buffer, offset, size))
      .digest("hex"),
  );
  const answer: HashAnswer = { id, buffer, digests };
  self.postMessage(answer, [buffer]);
};
