import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { formatTime } from "../quantities.ts";

export function inviteCommand(cli: Cli): Command {
  return leaf(
    "invite",
    "invite somebody to a team by their address",
    "They accept with podium team accept. Where the hub sends mail they get one, else tell them.",
  )
    .argument("<team>")
    .argument("<email>")
    .addOption(new Option("--role <role>", "what they may do").choices(["member", "admin"]).default("member"))
    .action(async (slug: string, email: string, options: JsonOption & { role: "member" | "admin" }) => {
      const body = { email, role: options.role };
      const params = { path: { slug } };
      const made = await ok(cli.api().POST("/api/v1/teams/{slug}/invitations", { params, body }));
      show(cli, options, made, ({ id, needs_token, expires_at }) =>
        [
          `${email} is invited until ${formatTime(expires_at)}.`,
          needs_token ? "The mail tells them how to accept." : `Tell them: podium team accept ${id}`,
        ].join("\n"),
      );
    });
}

export function invitationsCommand(cli: Cli): Command {
  return leaf("invitations", "list the invitations that wait for your answer, or those of a team of yours")
    .argument("[team]")
    .action(async (slug: string | undefined, options: JsonOption) => {
      const { items } = await ok(
        slug === undefined
          ? cli.api().GET("/api/v1/invitations")
          : cli.api().GET("/api/v1/teams/{slug}/invitations", { params: { path: { slug } } }),
      );
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "ID", value: (row) => row.id },
            { title: "TEAM", value: (row) => row.team },
            { title: "FOR", value: (row) => row.email },
            { title: "ROLE", value: (row) => row.role },
            { title: "FROM", value: (row) => row.invited_by },
            { title: "STATE", value: (row) => row.state },
            { title: "UNTIL", value: (row) => formatTime(row.expires_at) },
          ],
          slug === undefined
            ? "Nobody has invited you."
            : `Nobody is invited: podium team invite ${slug} EMAIL`,
        ),
      );
    });
}

export function acceptCommand(cli: Cli): Command {
  return leaf("accept", "join the team that you are invited to")
    .argument("<id>", "as podium team invitations shows it")
    .option("--token <token>", "from the mail, where the hub sends mail")
    .action(async (id: string, options: JsonOption & { token?: string }) => {
      const body = options.token === undefined ? {} : { token: options.token };
      const joined = await ok(
        cli.api().POST("/api/v1/invitations/{id}/accept", { params: { path: { id } }, body }),
      );
      show(cli, options, joined, ({ team }) => `You are a member of ${team} now.`);
    });
}

export function declineCommand(cli: Cli): Command {
  return leaf("decline", "say no to an invitation")
    .argument("<id>")
    .action(async (id: string, options: JsonOption) => {
      await ok(cli.api().POST("/api/v1/invitations/{id}/decline", { params: { path: { id } } }));
      show(cli, options, { declined: id }, () => `${id} is declined.`);
    });
}

export function revokeCommand(cli: Cli): Command {
  return leaf("revoke", "take back an invitation to a team of yours")
    .argument("<team>")
    .argument("<id>")
    .action(async (slug: string, id: string, options: JsonOption) => {
      const params = { path: { slug, id } };
      await ok(cli.api().DELETE("/api/v1/teams/{slug}/invitations/{id}", { params }));
      show(cli, options, { revoked: id }, () => `${id} can't be accepted any more.`);
    });
}
