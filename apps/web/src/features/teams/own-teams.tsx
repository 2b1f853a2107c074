import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Me } from "../../api/types.ts";
import { plural } from "../../format/numbers.ts";
import { Link } from "../../router/router.tsx";
import { Field } from "../../ui/field.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { meKey } from "../accounts/me.ts";
import { useOwnInvitations } from "./queries.ts";

/** The teams that one acts for, invitations to others, and the way to make one. */
export function OwnTeams({ me }: { me: Me }) {
  const client = useQueryClient();
  const invitations = useOwnInvitations();
  const create = useMutation({
    mutationFn: (slug: string) => bodyOf(api.POST("/api/v1/teams", { body: { slug } })),
    onSuccess: () => client.invalidateQueries({ queryKey: meKey }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    create.mutate(String(new FormData(form).get("slug")), { onSuccess: () => form.reset() });
  };
  const waiting = invitations.data?.length ?? 0;
  return (
    <Section title="Teams">
      {waiting > 0 && (
        <p>
          <Link to="/invitations">{plural(waiting, "invitation")}</Link> to other teams.
        </p>
      )}
      <TableScroll label="Teams">
        <table className="table">
          <thead>
            <tr>
              <th>Team</th>
              <th>Your role</th>
            </tr>
          </thead>
          <tbody>
            {me.teams.map((team) => (
              <tr key={team.id}>
                <td>
                  <Link to={`/teams/${team.slug}`}>{team.slug}</Link>{" "}
                  {team.personal && <span className="tag">personal</span>}
                </td>
                <td>{team.role}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <form className="form-row" onSubmit={submit}>
        <Field
          label="New team"
          name="slug"
          pattern="[a-z0-9]([a-z0-9\-]{0,62}[a-z0-9])?"
          hint="Lower-case letters, digits and hyphens"
          required
        />
        <button type="submit" className="button" disabled={create.isPending}>
          Make a team
        </button>
      </form>
      {create.error && <ProblemNotice error={create.error} />}
    </Section>
  );
}
