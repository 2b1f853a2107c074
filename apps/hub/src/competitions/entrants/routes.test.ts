import { expect, test } from "bun:test";
import { sha256 } from "../../platform/secrets.ts";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeCompetition, makeMember } from "../../testing/factories.ts";
import { again, makeTeam } from "../../testing/teams.ts";

test("the terms are read, agreed to by their hash, and shown as agreed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const content = "Be fair.";
    const { name } = await makeCompetition(ctx, { definition: { terms: { content } } });
    const member = await makeMember(ctx);
    const { ask } = apiOf(member);
    const read = (await ask("GET", `/competitions/${name}/terms`)).json();
    expect(read).toEqual({ terms: { content, sha256: sha256(content) } });
    const refused = await ask("POST", `/competitions/${name}/entrants`, {});
    expect([refused.status, refused.json().details]).toEqual([409, { terms: sha256(content) }]);
    const joined = await ask("POST", `/competitions/${name}/entrants`, { terms: read.terms.sha256 });
    expect([joined.status, joined.json()]).toEqual([
      201,
      expect.objectContaining({ team: member.team.slug, members: 1, agreed: true, merged_into: null }),
    ]);
    const none = await makeCompetition(ctx);
    expect((await ask("GET", `/competitions/${none.name}/terms`)).json()).toEqual({ terms: null });
  }));

test("a contest's rules about teams hold where people accept an invitation or leave", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const teams = { max_members: 2, locked_at: "2026-01-02T00:00:00Z" };
    const { name } = await makeCompetition(ctx, { definition: { teams } });
    const team = await makeTeam(await makeMember(ctx));
    const { slug } = team.team;
    await apiOf(team).ask("POST", `/competitions/${name}/entrants`, { team: slug });
    const friends = [await makeMember(ctx), await makeMember(ctx)];
    const statuses: number[] = [];
    for (const friend of friends) {
      const { id } = (
        await apiOf(team).ask("POST", `/teams/${slug}/invitations`, { email: friend.email })
      ).json();
      statuses.push((await apiOf(friend).ask("POST", `/invitations/${id}/accept`, {})).status);
    }
    expect(statuses).toEqual([200, 409]);
    // What was refused can still be accepted, once there is room: it is not used up.
    const waiting = (await apiOf(friends[1] ?? ctx).ask("GET", "/invitations")).json().items;
    expect(waiting).toMatchObject([{ team: slug, state: "pending" }]);
    ctx.clock.advance(86_400_000);
    const member = await again(friends[0] ?? team);
    const own = `/teams/${slug}/members/${member.team.slug}`;
    expect((await apiOf(member).ask("DELETE", own)).status).toBe(409);
  }));

test("only the organizer excludes, only the two see a merge, and strangers can't tell it from none", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx);
    const [ann, bob, stranger] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    for (const who of [ann, bob]) await apiOf(who).ask("POST", `/competitions/${name}/entrants`, {});
    const path = `/competitions/${name}/merges`;
    const proposed = await apiOf(ann).ask("POST", path, { into: bob.team.slug });
    expect(proposed.status).toBe(201);
    const { id } = proposed.json();
    const seen = async (who: typeof ctx) => (await apiOf(who).ask("GET", path)).json().items.length;
    expect([await seen(ann), await seen(bob), await seen(organizer), await seen(stranger)]).toEqual([
      1, 1, 1, 0,
    ]);
    for (const verb of ["accept", "refuse", "withdraw"]) {
      const ask = (of: string) => apiOf(stranger).ask("POST", `${path}/${of}/${verb}`, {});
      const none = ctx.ids.next("entrantMerge");
      const [known, unknown] = [await ask(id), await ask(none)];
      expect([known.status, known.text.replaceAll(id, none)]).toEqual([404, unknown.text]);
    }
    const ban = `/competitions/${name}/entrants/${ann.team.slug}/ban`;
    for (const who of [bob, stranger])
      expect((await apiOf(who).ask("POST", ban, { reason: "none" })).status).toBe(403);
    expect((await apiOf(as(ctx, { kind: "anonymous" })).ask("POST", ban, { reason: "none" })).status).toBe(
      401,
    );
    expect((await apiOf(organizer).ask("POST", ban, { reason: "" })).status).toBe(400);
    const banned = await apiOf(organizer).ask("POST", ban, { reason: "two accounts" });
    expect([banned.status, banned.json().state]).toEqual([200, "banned"]);
    const accepted = await apiOf(bob).ask("POST", `${path}/${id}/accept`, { team: "both-of-them" });
    expect([accepted.status, accepted.json().detail]).toEqual([409, expect.stringContaining("is banned")]);
  }));
