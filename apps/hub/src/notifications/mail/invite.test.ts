import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPost } from "@podium/webhooks";
import { apiOf } from "../../testing/api.ts";
import { startChild } from "../../testing/child.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { makeTeam } from "../../testing/teams.ts";
import { mailInvitation } from "./invite.ts";
import { createMailer, type Mailer } from "./mailer.ts";

let server: Awaited<ReturnType<typeof startChild<{ to: string[]; text: string }>>>;
let mailer: Mailer;
beforeAll(async () => {
  server = await startChild("smtp-child.ts");
  const url = `smtp://127.0.0.1:${server.port}`;
  mailer = createMailer({ url, from: "Podium <podium@podium.test>", timeoutMs: 2_000 });
});
afterAll(() => server.stop());

test("an invitation is mailed once to its address, account or none, with a token that accepts it", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const email = `${team.team.slug}-newcomer@podium.test`;
    const post = createPost({ allowPrivate: false });
    const mailing = { sendsMail: true, post, allowPrivate: false };
    const path = `/teams/${team.team.slug}/invitations`;
    const { id } = (await apiOf(team, mailing).ask("POST", path, { email })).json();

    await settle(ctx, { senders: { mailer, post } });
    await mailInvitation(ctx, mailer, { type: "team.invited", team_id: team.team.id, invitation_id: id });

    const mails = server.got.filter(({ to }) => to.includes(email));
    expect(mails).toHaveLength(1);
    const text = mails[0]?.text.replaceAll("=\r\n", "").replaceAll("=3D", "=") ?? "";
    expect(text).toMatch(new RegExp(`podium team accept ${id} --token [\\w-]{43}`));
    expect(text).toContain(`http://podium.test/invitations?id=${id}&token=`);
  }));

test("what was answered meanwhile is not mailed", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const team = await makeTeam(await makeMember(ctx));
    const email = `${team.team.slug}-late@podium.test`;
    const path = `/teams/${team.team.slug}/invitations`;
    const { id } = (await apiOf(team).ask("POST", path, { email })).json();
    await apiOf(team).ask("DELETE", `${path}/${id}`);
    await mailInvitation(ctx, mailer, { type: "team.invited", team_id: team.team.id, invitation_id: id });
    expect(server.got.filter(({ to }) => to.includes(email))).toEqual([]);
  }));
