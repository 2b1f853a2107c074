import { api, bodyOf } from "../../../api/client.ts";
import { ApiError, problemOfBody } from "../../../api/problem.ts";

/** What the hub takes as one blob; larger files go in chunks, which is the command line's business. */
const MOST_BYTES = 8 * 1024 ** 2;

/**
 * Sends one file of the reader's, as a tree of a team. @returns the tree
 * @throws ApiError as the hub says it, and for a file that only the command line can send
 */
export async function pushFile(file: File, team: string): Promise<string> {
  if (file.size > MOST_BYTES || !globalThis.isSecureContext)
    throw refused(
      "This page sends files of up to 8 MiB, over https or from this machine. Use podium competition rejudge --labels FILE.",
    );
  const bytes = await file.arrayBuffer();
  const sha256 = hex(await crypto.subtle.digest("SHA-256", bytes));
  const sent = await fetch(`/api/v1/blobs/${sha256}?${new URLSearchParams({ team })}`, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
  });
  if (!sent.ok) throw new ApiError(problemOfBody(await sent.json().catch(() => null), sent.status));
  const entry = { path: file.name, sha256, size: file.size, mode: 0o644 as const };
  const tree = await bodyOf(api.POST("/api/v1/trees", { body: { team, entries: [entry] } }));
  return tree.id;
}

const hex = (digest: ArrayBuffer): string =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const refused = (detail: string) =>
  new ApiError({ type: "/problems/too_large", title: "too large", status: 413, code: "too_large", detail });
