import { and, eq, lt } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { apiTokens, logins, users } from "./schema.ts";

export type UserRow = typeof users.$inferSelect;

export async function findUser(
  db: Db | Tx,
  by: { id: string } | { email: string } | { name: string },
): Promise<UserRow | null> {
  const where =
    "id" in by
      ? eq(users.id, by.id)
      : "email" in by
        ? eq(users.email, by.email.toLowerCase())
        : eq(users.name, by.name);
  const [row] = await db.select().from(users).where(where);
  return row ?? null;
}

export async function setUserRole(
  tx: Db | Tx,
  email: string,
  role: UserRow["role"],
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(users)
    .set({ role, updatedAt: now })
    .where(eq(users.email, email.toLowerCase()))
    .returning();
  return rows.length === 1;
}

/** Removes browser sessions that have run out. */
export async function forgetLogins(db: Db, now: Date): Promise<void> {
  await db.delete(logins).where(lt(logins.expiresAt, now));
}

export function listTokens(db: Db | Tx, userId: string) {
  return db.select().from(apiTokens).where(eq(apiTokens.referenceId, userId)).orderBy(apiTokens.id);
}

export async function deleteToken(tx: Db | Tx, userId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(apiTokens)
    .where(and(eq(apiTokens.id, id), eq(apiTokens.referenceId, userId)))
    .returning();
  return rows.length === 1;
}
