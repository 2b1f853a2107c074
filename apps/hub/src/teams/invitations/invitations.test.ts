import { expect, test } from "bun:test";
import { users } from "../../accounts/schema.ts";
import { apiOf } from "../../testing/api.ts";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { noSenders } from "../../testing/no-senders.ts";
import { again, makeTeam, userOf } from "../../testing/teams.ts";
import { listMembers } from "../store.ts";
import { invitationToken } from "./token.ts";

const DAY_MS = 86_400_000;

async function invited(team: Member, email: string, role?: string): Promise<string> {
  const path = `/teams/${team.team.slug}/invitations`;
  const answer = await apiOf(team).ask("POST", path, { email, ...(role ? { role } : {}) });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.json().id;
}
const accept = (who: TestContext, id: string) => apiOf(who).ask("POST", `/invitations/${id}/accept`, {});

test("who is invited sees it, accepts once, and is a member in the role they were asked for", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const friend = await makeMember(ctx);
    const id = await invited(team, friend.email.toUpperCase(), "admin");
    const mine = (await apiOf(friend).ask("GET", "/invitations")).json().items;
    expect(mine).toMatchObject([{ id, team: team.team.slug, state: "pending", needs_token: false }]);

    expect((await accept(friend, id)).json()).toEqual({ team: team.team.slug });

    expect(await listMembers(db, team.team.id)).toContainEqual({
      user_id: userOf(friend).id,
      name: userOf(friend).name,
      role: "admin",
    });
    expect((await accept(friend, id)).status).toBe(409);
    expect((await apiOf(friend).ask("GET", "/invitations")).json().items).toEqual([]);
    const path = `/teams/${team.team.slug}/invitations`;
    expect((await apiOf(team).ask("GET", path)).json().items).toMatchObject([{ id, state: "accepted" }]);
  }));

test("one that was declined, revoked or left lying for two weeks can't be accepted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const friend = await makeMember(ctx);
    const path = `/teams/${team.team.slug}/invitations`;
    const declined = await invited(team, friend.email);
    expect((await apiOf(friend).ask("POST", `/invitations/${declined}/decline`)).status).toBe(204);
    expect((await accept(friend, declined)).status).toBe(409);
    const revoked = await invited(team, friend.email);
    expect((await apiOf(team).ask("DELETE", `${path}/${revoked}`)).status).toBe(204);
    expect((await apiOf(team).ask("DELETE", `${path}/${revoked}`)).status).toBe(409);
    expect((await accept(friend, revoked)).text).toContain("revoked already");
    const old = await invited(team, friend.email);
    ctx.clock.advance(14 * DAY_MS);
    expect((await accept(friend, old)).text).toContain("expired on");
    expect((await apiOf(team).ask("GET", path)).json().items[0]).toMatchObject({ id: old, state: "expired" });
    expect(await listMembers(db, team.team.id)).toHaveLength(1);
  }));

test("an id tells a stranger nothing, and neither does whether an address has an account", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, friend, stranger] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const team = await makeTeam(ann);
    const id = await invited(team, friend.email);
    const none = ctx.ids.next("teamInvitation");
    for (const verb of ["accept", "decline"]) {
      const ask = (of: string) => apiOf(stranger).ask("POST", `/invitations/${of}/${verb}`, {});
      const [known, unknown] = [await ask(id), await ask(none)];
      expect([known.status, known.text]).toEqual([404, unknown.text]);
    }
    const path = `/teams/${team.team.slug}/invitations`;
    const answers = [];
    for (const email of [stranger.email, "nobody-at-all@podium.test"])
      answers.push((await apiOf(team).ask("POST", path, { email })).json());
    const [known, unknown] = answers.map(({ id: _, email: __, ...rest }) => rest);
    expect(known).toEqual(unknown);
    for (const who of [stranger, friend]) {
      expect((await apiOf(who).ask("GET", path)).status).toBe(403);
      expect((await apiOf(who).ask("POST", path, { email: "x@podium.test" })).status).toBe(403);
      expect((await apiOf(who).ask("DELETE", `${path}/${id}`)).status).toBe(403);
    }
    const other = await makeTeam(stranger);
    expect((await apiOf(other).ask("DELETE", `/teams/${other.team.slug}/invitations/${id}`)).status).toBe(
      404,
    );
  }));

test("plain members invite nobody, nobody is invited twice, and a personal team takes no members", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const team = await makeTeam(ann, bob);
    const invite = (who: TestContext, slug: string, email: string) =>
      apiOf(who).ask("POST", `/teams/${slug}/invitations`, { email });
    const { slug } = team.team;
    expect((await invite(await again(bob), slug, "x@podium.test")).status).toBe(403);
    expect((await invite(team, slug, bob.email)).text).toContain("is a member");
    expect((await invite(team, slug, "x@podium.test")).status).toBe(201);
    expect((await invite(team, slug, "X@podium.test")).text).toContain("is invited already");
    expect((await invite(ann, ann.team.slug, "x@podium.test")).text).toContain("personal team");
  }));

test("no team has more than fifty unanswered, and nobody invites more than a hundred a day", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const ann = await makeMember(ctx);
    const ask = async (team: Member, n: number) =>
      apiOf(team).ask("POST", `/teams/${team.team.slug}/invitations`, { email: `p${n}@podium.test` });
    for (const team of [await makeTeam(ann), await makeTeam(ann)]) {
      for (let n = 0; n < 50; n++) expect((await ask(team, n)).status).toBe(201);
      expect((await ask(team, 50)).status).toBe(429);
    }
    const third = await makeTeam(ann);
    expect((await ask(third, 0)).text).toContain("within a day");
    ctx.clock.advance(DAY_MS);
    expect((await ask(third, 0)).status).toBe(201);
  }));

test("where mail is sent, an address that is not proven accepts with the token that was mailed to it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const friend = await makeMember(ctx);
    await db.update(users).set({ emailVerified: false });
    const id = await invited(team, friend.email);
    const mailing = { sendsMail: true, post: noSenders.post, allowPrivate: false };
    const ask = (body: object) => apiOf(friend, mailing).ask("POST", `/invitations/${id}/accept`, body);
    expect((await apiOf(friend, mailing).ask("GET", "/invitations")).json().items[0].needs_token).toBe(true);
    expect((await ask({})).status).toBe(403);
    expect((await ask({ token: invitationToken(ctx.settings.secret, "inv_other") })).status).toBe(403);
    expect((await ask({ token: invitationToken(ctx.settings.secret, id) })).status).toBe(200);
  }));

test("ten answers at once: one is taken", () =>
  withDatabase(async ({ db }) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const friend = await makeMember(ctx);
    const id = await invited(team, friend.email);
    const path = `/teams/${team.team.slug}/invitations/${id}`;
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, () => accept(friend, id)),
      apiOf(friend).ask("POST", `/invitations/${id}/decline`),
      apiOf(team).ask("DELETE", path),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  }));
