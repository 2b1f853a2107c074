import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import {
  acceptCommand,
  declineCommand,
  invitationsCommand,
  inviteCommand,
  revokeCommand,
} from "./team-invitations.ts";

export function teamCommand(cli: Cli): Command {
  return group("team", "teams: make one, invite people, leave", [
    ls(cli),
    create(cli),
    members(cli),
    inviteCommand(cli),
    invitationsCommand(cli),
    acceptCommand(cli),
    declineCommand(cli),
    revokeCommand(cli),
    leave(cli),
    remove(cli),
  ]);
}

function ls(cli: Cli): Command {
  return leaf("ls", "list the teams that you belong to").action(async (options: JsonOption) => {
    const { items } = await ok(cli.api().GET("/api/v1/teams"));
    show(cli, options, items, (rows) =>
      table(
        rows,
        [
          { title: "TEAM", value: (row) => row.slug },
          { title: "YOUR ROLE", value: (row) => row.role },
          { title: "", value: (row) => (row.personal ? "personal" : "") },
        ],
        "You belong to no team.",
      ),
    );
  });
}

function create(cli: Cli): Command {
  return leaf("create", "make a team, which you own")
    .argument("<team>")
    .action(async (slug: string, options: JsonOption) => {
      const team = await ok(cli.api().POST("/api/v1/teams", { body: { slug } }));
      show(cli, options, team, () => `${slug} is made. Ask others in: podium team invite ${slug} EMAIL`);
    });
}

function members(cli: Cli): Command {
  return leaf("members", "list a team's members")
    .argument("<team>")
    .action(async (slug: string, options: JsonOption) => {
      const { items } = await ok(
        cli.api().GET("/api/v1/teams/{slug}/members", { params: { path: { slug } } }),
      );
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "NAME", value: (row) => row.name },
            { title: "ROLE", value: (row) => row.role },
          ],
          "Nobody.",
        ),
      );
    });
}

function leave(cli: Cli): Command {
  return leaf(
    "leave",
    "leave a team",
    "In a contest for which the team has submitted, you can't take part with another team afterwards.",
  )
    .argument("<team>")
    .action(async (slug: string, options: JsonOption) => {
      const { name } = await ok(cli.api().GET("/api/v1/me"));
      await ok(cli.api().DELETE("/api/v1/teams/{slug}/members/{name}", { params: { path: { slug, name } } }));
      show(cli, options, { left: slug }, () => `You have left ${slug}.`);
    });
}

function remove(cli: Cli): Command {
  return leaf("remove", "take somebody out of a team of yours")
    .argument("<team>")
    .argument("<name>", "as podium team members shows it")
    .action(async (slug: string, name: string, options: JsonOption) => {
      await ok(cli.api().DELETE("/api/v1/teams/{slug}/members/{name}", { params: { path: { slug, name } } }));
      show(cli, options, { removed: name }, () => `${name} is no member of ${slug} any more.`);
    });
}
