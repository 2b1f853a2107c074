import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { newSecret, secretsEqual, sha256 } from "../platform/secrets.ts";
import { inTransaction } from "../platform/transaction.ts";
import { isJoinToken, upsertNode } from "./store.ts";

/**
 * Lets a machine in: a join token is exchanged for a token that names this node alone. A machine that joins
 * again under its name gets a new token; the old one stops working.
 * @param configured  join token from the hub's configuration, accepted beside those made by administrators
 * @throws DomainError `unauthenticated`
 */
export async function joinNode(
  ctx: Context,
  configured: string | undefined,
  input: { join_token: string; name: string },
) {
  const now = ctx.clock.now();
  const known = configured !== undefined && secretsEqual(input.join_token, configured);
  if (!known && !(await isJoinToken(ctx.db, sha256(input.join_token), now))) {
    throw new DomainError(
      "unauthenticated",
      "This join token is unknown or has expired. Make one: podium admin join-token.",
    );
  }
  const token = newSecret("node");
  const nodeId: Id<"node"> = await inTransaction(ctx, (tx) =>
    upsertNode(tx, { id: ctx.ids.next("node"), name: input.name, tokenSha256: sha256(token), now }),
  );
  return { node_id: nodeId, node_token: token };
}
