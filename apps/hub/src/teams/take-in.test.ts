import { expect, test } from "bun:test";
import { DomainError } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { makeTeam, userOf } from "../testing/teams.ts";
import type { MemberChange } from "./member-rule.ts";
import { findTeam, listMembers, lockTeams } from "./store.ts";
import { takeIn } from "./take-in.ts";

test("who is taken in is a member, once, and every rule was asked before", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { team } = await makeTeam(await makeMember(ctx));
    const friend = userOf(await makeMember(ctx));
    const asked: MemberChange[] = [];
    const take = () =>
      db.transaction(async (tx) => {
        const [row] = await lockTeams(tx, [team.id]);
        if (!row) throw new Error("no team");
        const rule = async (_ctx: unknown, _tx: unknown, change: MemberChange) => void asked.push(change);
        await takeIn(ctx, tx, row, { ...friend, role: "member" }, [rule]);
      });
    await take();
    expect(asked).toMatchObject([{ kind: "joins", team: { slug: team.slug }, user: { id: friend.id } }]);
    expect(await listMembers(db, team.id)).toHaveLength(2);
    await expect(take()).rejects.toMatchObject({ code: "conflict" });
  }));

test("a rule that refuses keeps them out; a personal team takes nobody", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { team } = await makeTeam(member);
    const friend = { ...userOf(await makeMember(ctx)), role: "member" as const };
    const rule = async () => {
      throw new DomainError("conflict", "not now");
    };
    const take = (id: string) =>
      db.transaction(async (tx) => {
        const row = await findTeam(tx, { id });
        if (row) await takeIn(ctx, tx, row, friend, [rule]);
      });
    await expect(take(team.id)).rejects.toThrow("not now");
    expect(await listMembers(db, team.id)).toHaveLength(1);
    await expect(take(member.team.id)).rejects.toThrow("is a personal team");
  }));
