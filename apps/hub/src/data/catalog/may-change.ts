import { DomainError } from "@podium/shared";
import { type Context, isAdmin, mayUseTeam } from "../../platform/context.ts";
import type { DatasetRow } from "./store.ts";

type Owned = Pick<DatasetRow, "teamId" | "visibility" | "createdBy">;

/** True when the actor made the dataset; administrators and the system count as everybody. */
function isAuthor(ctx: Context, { createdBy }: Owned): boolean {
  return isAdmin(ctx) || (ctx.actor.kind === "user" && ctx.actor.userId === createdBy);
}

/**
 * A dataset is changed by its team's members, a private one by its author alone.
 * @throws DomainError `forbidden`; ask only about datasets that the actor may read, or it tells that they exist
 */
export function requireMayChange(ctx: Context, dataset: Owned, shown: string): void {
  if (!mayUseTeam(ctx, dataset.teamId))
    throw new DomainError("forbidden", `${shown} belongs to another team: only its members may change it.`);
  if (dataset.visibility === "private" && !isAuthor(ctx, dataset))
    throw new DomainError("forbidden", `${shown} is private: only its author may change it.`);
}

/** Private means "its author's alone", so nobody else may make it private. @throws DomainError `forbidden` */
export function requireMayHide(ctx: Context, dataset: Owned, shown: string): void {
  if (!isAuthor(ctx, dataset))
    throw new DomainError("forbidden", `Only the author of ${shown} may make it private.`);
}
