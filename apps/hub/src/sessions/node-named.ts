import { DomainError } from "@podium/shared";
import { findNode } from "../nodes/index.ts";
import type { Tx } from "../platform/database.ts";

/** The node that somebody names; null when none is named. @throws DomainError `not_found` */
export async function nodeNamed(tx: Tx, name: string | undefined) {
  if (name === undefined) return null;
  const node = await findNode(tx, { name });
  if (!node) throw new DomainError("not_found", `There is no node "${name}". All: podium nodes`);
  return node;
}
