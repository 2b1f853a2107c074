import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import type { TeamRow } from "./store.ts";

export interface MemberChange {
  kind: "joins" | "leaves";
  team: TeamRow;
  user: { id: string; name: string; email: string };
}

/**
 * What another domain has to say when somebody joins or leaves a team: it refuses, or takes note. Called under the
 * team's lock, before the change. @throws DomainError
 */
export type MemberRule = (ctx: Context, tx: Tx, change: MemberChange) => Promise<void>;

export interface TeamOptions {
  rules: readonly MemberRule[];
  /** whether this hub sends mail: then an invitation is accepted with the token in its mail */
  sendsMail: boolean;
}
