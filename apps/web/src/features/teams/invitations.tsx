import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { TeamInvitation } from "../../api/types.ts";
import { Field } from "../../ui/field.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { ProblemNotice, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { teamKeys, useTeamInvitations } from "./queries.ts";

/** A team's invitations; its owner and admins make and revoke them. */
export function Invitations({ slug, leads }: { slug: string; leads: boolean }) {
  const client = useQueryClient();
  const invitations = useTeamInvitations(slug);
  const refetch = () => client.invalidateQueries({ queryKey: teamKeys.invitations(slug) });
  const params = { path: { slug } };
  const invite = useMutation({
    mutationFn: (email: string) =>
      bodyOf(api.POST("/api/v1/teams/{slug}/invitations", { params, body: { email, role: "member" } })),
    onSuccess: refetch,
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      bodyOf(api.DELETE("/api/v1/teams/{slug}/invitations/{id}", { params: { path: { slug, id } } })),
    onSuccess: refetch,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    invite.mutate(String(new FormData(form).get("email")), { onSuccess: () => form.reset() });
  };
  const error = invite.error ?? revoke.error;
  return (
    <Section title="Invitations">
      {leads && (
        <form className="form-row" onSubmit={submit}>
          <Field label="Address" name="email" type="email" required maxLength={200} />
          <button type="submit" className="button primary" disabled={invite.isPending}>
            Invite
          </button>
        </form>
      )}
      {error && <ProblemNotice error={error} />}
      <Show answer={invitations} what="the invitations">
        {(all) =>
          all.length === 0 ? (
            <p className="quiet">Nobody is invited.</p>
          ) : (
            <InvitationTable
              invitations={all}
              busy={revoke.isPending}
              onRevoke={leads ? (id) => revoke.mutate(id) : null}
            />
          )
        }
      </Show>
    </Section>
  );
}

interface TableProps {
  invitations: readonly TeamInvitation[];
  busy: boolean;
  onRevoke: ((id: string) => void) | null;
}

function InvitationTable({ invitations, busy, onRevoke }: TableProps) {
  return (
    <TableScroll label="Invitations">
      <table className="table">
        <thead>
          <tr>
            <th>Address</th>
            <th>Role</th>
            <th>State</th>
            <th>Until</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {invitations.map(({ id, email, role, state, expires_at }) => (
            <tr key={id}>
              <td>{email}</td>
              <td>{role}</td>
              <td>{state}</td>
              <td>
                <Time at={expires_at} />
              </td>
              <td className="end">
                {onRevoke && state === "pending" && (
                  <button type="button" className="button small" disabled={busy} onClick={() => onRevoke(id)}>
                    Revoke
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
