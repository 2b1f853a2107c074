import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { Me, Member } from "../../api/types.ts";
import { navigate } from "../../router/router.tsx";
import { Page, Section, TableScroll } from "../../ui/page.tsx";
import { Empty, ProblemNotice, Show } from "../../ui/states.tsx";
import { meKey } from "../accounts/me.ts";
import { Invitations } from "./invitations.tsx";
import { teamKeys, useMembers } from "./queries.ts";

/** A team of the reader's: its members and its invitations. */
export function TeamPage({ me, slug }: { me: Me; slug: string }) {
  const team = me.teams.find((own) => own.slug === slug);
  const up = { to: "/account", text: "Account" };
  if (!team)
    return (
      <Page title={slug} up={up}>
        <Empty title="This is no team of yours">Ask one of its members to invite you.</Empty>
      </Page>
    );
  return (
    <Page title={slug} up={up} lead={team.personal ? "Your personal team" : `You are its ${team.role}`}>
      <Members me={me} slug={slug} leads={team.role !== "member"} />
      {team.personal ? (
        <p className="quiet">
          A personal team takes no members. Make a team for several on your account's page.
        </p>
      ) : (
        <Invitations slug={slug} leads={team.role !== "member"} />
      )}
    </Page>
  );
}

function Members({ me, slug, leads }: { me: Me; slug: string; leads: boolean }) {
  const client = useQueryClient();
  const members = useMembers(slug);
  const remove = useMutation({
    mutationFn: (name: string) =>
      bodyOf(api.DELETE("/api/v1/teams/{slug}/members/{name}", { params: { path: { slug, name } } })),
    onSuccess: async (_, name) => {
      await client.invalidateQueries({ queryKey: teamKeys.members(slug) });
      if (name !== me.name) return;
      await client.invalidateQueries({ queryKey: meKey });
      navigate("/account");
    },
  });
  const mayGo = (member: Member) => member.role !== "owner" && (leads || member.name === me.name);
  return (
    <Section title="Members" flush>
      {remove.error && <ProblemNotice error={remove.error} />}
      <Show answer={members} what="the members">
        {(all) => (
          <TableScroll label="Members">
            <table className="table">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Role</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {all.map((member) => (
                  <tr key={member.user_id}>
                    <td>{member.name}</td>
                    <td>{member.role}</td>
                    <td className="end">
                      {mayGo(member) && (
                        <button
                          type="button"
                          className="button small"
                          disabled={remove.isPending}
                          onClick={() => remove.mutate(member.name)}
                        >
                          {member.name === me.name ? "Leave" : "Take out"}
                        </button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        )}
      </Show>
    </Section>
  );
}
