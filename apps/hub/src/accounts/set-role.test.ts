import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { setRole } from "./set-role.ts";
import { findUser } from "./store.ts";

test("an administrator makes an organizer, however the address is written", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const admin = await makeMember(ctx, "admin");

    await setRole(admin, { email: member.email.toUpperCase(), role: "organizer" });

    expect((await findUser(db, { email: member.email }))?.role).toBe("organizer");
  }));

test("nobody else changes roles, least of all their own", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const organizer = await makeMember(ctx, "organizer");
    const call = setRole(organizer, { email: organizer.email, role: "admin" });
    await expect(call).rejects.toMatchObject({ code: "forbidden" });
  }));

test("an administrator stays one until another takes it away, so that one is always left", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [admin, other] = [await makeMember(ctx, "admin"), await makeMember(ctx, "admin")];
    const call = setRole(admin, { email: admin.email, role: "organizer" });
    await expect(call).rejects.toMatchObject({ code: "conflict" });
    await setRole(other, { email: admin.email, role: "organizer" });
    expect((await findUser(db, { email: admin.email }))?.role).toBe("organizer");
  }));

test("an address that nobody signed up with is not found", () =>
  withRollback(async (db) => {
    const admin = await makeMember(systemContext(db), "admin");
    const call = setRole(admin, { email: "nobody@podium.test", role: "organizer" });
    await expect(call).rejects.toMatchObject({ code: "not_found" });
  }));
