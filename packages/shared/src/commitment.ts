import { z } from "zod";
import type { DigestFactory } from "./blob-name.ts";
import { sha256Schema } from "./data.ts";

/** What a round's commitment is over. Published when the round is revealed, so that anybody can work the hash out. */
export const commitmentSchema = z
  .object({
    labels_tree: sha256Schema,
    scorer_tree: sha256Schema.nullable().describe("null: built-in metrics alone"),
    scorer_version: z.string(),
    nonce: z.string().describe("Random, so that nobody can find the rest by trying"),
  })
  .meta({ id: "Commitment" });
export type Commitment = z.infer<typeof commitmentSchema>;

/**
 * The hash that a round publishes when it opens: SHA-256 of `podium-commitment-1` and the four parts, a line each, in
 * UTF-8; a missing scorer is an empty line.
 */
export function commitmentHash(
  { labels_tree, scorer_tree, scorer_version, nonce }: Commitment,
  create: DigestFactory,
): string {
  const lines = ["podium-commitment-1", labels_tree, scorer_tree ?? "", scorer_version, nonce];
  const digest = create("sha256");
  digest.update(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  return digest.digest("hex");
}
