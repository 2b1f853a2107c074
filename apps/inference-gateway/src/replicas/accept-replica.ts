import { DomainError } from "@podium/shared";
import type { Binding } from "../batching/binding.ts";
import { sha256 } from "../hash.ts";

interface Table {
  bindingOfToken(sha256: string): Binding | undefined;
}

/**
 * The binding that the bearer of this header may serve. A token that is not in the table yet makes the gateway
 * ask the hub once. Throws `unauthenticated`.
 */
export async function findBinding(
  header: string | null,
  routes: Table,
  refresh: () => Promise<void>,
): Promise<{ binding: Binding; tokenSha256: string }> {
  const token = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
  if (!token)
    throw new DomainError("unauthenticated", "Dial with Authorization: Bearer and the replica's token.");
  const tokenSha256 = sha256(token);
  let binding = routes.bindingOfToken(tokenSha256);
  if (!binding) {
    await refresh();
    binding = routes.bindingOfToken(tokenSha256);
  }
  if (!binding) throw new DomainError("unauthenticated", "This replica token is not (or no longer) valid.");
  return { binding, tokenSha256 };
}
