import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { again, makeTeam } from "../testing/teams.ts";
import { tellInvited } from "./tell-invited.ts";

test("who is invited and has an account is told once; nobody else, and not what was revoked meanwhile", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const [bob, eve] = [await makeMember(ctx), await makeMember(ctx)];
    const { ask } = apiOf(team);
    const path = `/teams/${team.team.slug}/invitations`;
    const invited = (await ask("POST", path, { email: bob.email.toUpperCase() })).json();
    expect((await ask("POST", path, { email: "nobody-yet@podium.test" })).status).toBe(201);
    const revoked = (await ask("POST", path, { email: eve.email })).json();
    await ask("DELETE", `${path}/${revoked.id}`);
    await settle(ctx);
    await tellInvited(ctx, { type: "team.invited", team_id: team.team.id, invitation_id: invited.id });

    const notesOf = async (member: typeof bob) =>
      (await apiOf(await again(member)).ask("GET", "/notifications")).json().items;
    expect(await notesOf(bob)).toMatchObject([
      {
        kind: "team.invited",
        subject: invited.id,
        text: expect.stringContaining(`invites you to the team "${team.team.slug}"`),
      },
    ]);
    for (const other of [eve, team]) expect(await notesOf(other)).toEqual([]);
  }));
