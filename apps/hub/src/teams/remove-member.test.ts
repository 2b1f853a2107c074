import { expect, test } from "bun:test";
import { DomainError } from "@podium/shared";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { again, makeTeam, userOf } from "../testing/teams.ts";
import type { MemberRule } from "./member-rule.ts";
import { removeMember } from "./remove-member.ts";
import { listMembers } from "./store.ts";

const remove = (who: Member, slug: string, name: string, rules: MemberRule[] = []) =>
  who.db.transaction((tx) => removeMember(who, tx, { slug, name }, rules));

test("a member leaves by themselves; the owner takes others out, and stays", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const owner = await makeTeam(ann, bob, eve);
    const { slug, id } = owner.team;

    await remove(await again(bob), slug, userOf(bob).name);
    await remove(owner, slug, userOf(eve).name);

    expect(await listMembers(db, id)).toMatchObject([{ name: userOf(ann).name }]);
    await expect(remove(owner, slug, userOf(ann).name)).rejects.toMatchObject({ code: "conflict" });
    await expect(remove(owner, slug, "nobody-here")).rejects.toMatchObject({ code: "not_found" });
  }));

test("a plain member takes out nobody else, who has gone takes out nobody, and a rule may refuse", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const owner = await makeTeam(ann, bob, eve);
    const { slug } = owner.team;
    const member = await again(bob);
    await expect(remove(member, slug, userOf(eve).name)).rejects.toMatchObject({ code: "forbidden" });
    const stays: MemberRule = async () => {
      throw new DomainError("conflict", "teams are locked");
    };
    await expect(remove(member, slug, userOf(bob).name, [stays])).rejects.toThrow("teams are locked");
    await remove(owner, slug, userOf(bob).name);
    await expect(remove(member, slug, userOf(eve).name)).rejects.toMatchObject({ code: "not_found" });
    await expect(remove(await again(bob), slug, userOf(eve).name)).rejects.toMatchObject({
      code: "forbidden",
    });
  }));
