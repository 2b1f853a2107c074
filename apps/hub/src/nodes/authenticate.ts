import type { Id } from "@podium/shared";
import type { Db } from "../platform/database.ts";
import { sha256 } from "../platform/secrets.ts";
import { findNode } from "./store.ts";

/** The node that a node token names, or null. */
export async function authenticateNode(db: Db, token: string): Promise<Id<"node"> | null> {
  const node = await findNode(db, { tokenSha256: sha256(token) });
  return node ? (node.id as Id<"node">) : null;
}
