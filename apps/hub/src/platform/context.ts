import { DomainError, type Id, type IdSource } from "@podium/shared";
import type { Logger } from "pino";
import type { BlobStore } from "./blob-store.ts";
import type { Clock } from "./clock.ts";
import type { Db } from "./database.ts";

/** Who asks. Permissions are decided from this alone. */
export type Actor =
  | { kind: "anonymous" }
  | { kind: "user"; userId: Id<"user">; role: PlatformRole; teams: readonly Membership[] }
  | { kind: "node"; nodeId: Id<"node"> }
  | { kind: "gateway" }
  | { kind: "system" };

export type PlatformRole = "admin" | "organizer" | "participant";
export type TeamRole = "owner" | "admin" | "member";
export interface Membership {
  id: Id<"team">;
  slug: string;
  role: TeamRole;
  personal: boolean;
}

/** What every verb gets: who asks, and the injected world (database, time, ids, blobs). */
export interface Context {
  actor: Actor;
  db: Db;
  clock: Clock;
  ids: IdSource;
  blobs: BlobStore;
  log: Logger;
  settings: Settings;
  /** Set by the HTTP layer when a write carried an Idempotency-Key; consumed by `inTransaction`. */
  idempotency?: { actor: string; key: string; fingerprint: string };
}

export interface Settings {
  publicUrl: string;
  secret: string;
  leaseMs: number;
  /** How long a submission's inference may wait for a node, in all. */
  inferWaitMs: number;
  /** Folder for files that a reader needs whole on this machine's disk; made when it is needed, may be emptied. */
  localFolder: string;
}

export function asSystem(ctx: Context): Context {
  const { idempotency: _, ...rest } = ctx;
  return { ...rest, actor: { kind: "system" } };
}

/** The signed-in user, or a clear refusal. */
export function requireUser(ctx: Context) {
  if (ctx.actor.kind !== "user") {
    throw new DomainError(
      "unauthenticated",
      "Log in first: send `Authorization: Bearer <API token>` (podium login makes one).",
    );
  }
  return ctx.actor;
}

export function isAdmin(ctx: Context): boolean {
  return ctx.actor.kind === "system" || (ctx.actor.kind === "user" && ctx.actor.role === "admin");
}

export function requireAdmin(ctx: Context): void {
  if (ctx.actor.kind !== "system") requireUser(ctx);
  if (!isAdmin(ctx)) throw new DomainError("forbidden", "Only an administrator of this hub may do that.");
}

/** Ids of the teams whose rows the actor may see. Admins and the system see all: null. */
export function visibleTeams(ctx: Context): readonly Id<"team">[] | null {
  if (isAdmin(ctx)) return null;
  return ctx.actor.kind === "user" ? ctx.actor.teams.map((team) => team.id) : [];
}

/** True when the actor belongs to the team (or is an admin, or the system). */
export function mayUseTeam(ctx: Context, teamId: string): boolean {
  const teams = visibleTeams(ctx);
  return teams === null || teams.some((id) => id === teamId);
}

/**
 * The team that a write is made for: the one named, or the actor's personal team.
 * Unknown teams and teams of others are answered alike, so that names can't be probed.
 */
export function resolveTeam(ctx: Context, slug: string | undefined): Membership {
  const { teams } = requireUser(ctx);
  const team =
    slug === undefined ? teams.find((each) => each.personal) : teams.find((each) => each.slug === slug);
  if (!team)
    throw new DomainError("forbidden", `You are not a member of a team called "${slug ?? "(personal)"}".`);
  return team;
}
