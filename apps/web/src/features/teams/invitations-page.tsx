import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { TeamInvitation } from "../../api/types.ts";
import { Link, navigate } from "../../router/router.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { Empty, ProblemNotice, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { meKey } from "../accounts/me.ts";
import { teamKeys, useOwnInvitations } from "./queries.ts";

/** Invitations that wait for the reader's answer; the link of a mail brings the token of one. */
export function InvitationsPage({ query }: { query: URLSearchParams }) {
  const invitations = useOwnInvitations();
  return (
    <Page title="Invitations" up={{ to: "/account", text: "Account" }}>
      <Show answer={invitations} what="your invitations">
        {(all) =>
          all.length === 0 ? (
            <Empty title="No invitation waits for you">
              Those to your address appear here. Your teams are on your{" "}
              <Link to="/account">account's page</Link>.
            </Empty>
          ) : (
            all.map((each) => (
              <Invitation
                key={each.id}
                invitation={each}
                token={query.get("id") === each.id ? query.get("token") : null}
              />
            ))
          )
        }
      </Show>
    </Page>
  );
}

function Invitation({ invitation, token }: { invitation: TeamInvitation; token: string | null }) {
  const client = useQueryClient();
  const { id, team, role, invited_by, needs_token, expires_at } = invitation;
  const params = { path: { id } };
  const accept = useMutation({
    mutationFn: () =>
      bodyOf(api.POST("/api/v1/invitations/{id}/accept", { params, body: token ? { token } : {} })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meKey });
      navigate(`/teams/${team}`);
    },
  });
  const decline = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/invitations/{id}/decline", { params })),
    onSuccess: () => client.invalidateQueries({ queryKey: teamKeys.own }),
  });
  const busy = accept.isPending || decline.isPending;
  const error = accept.error ?? decline.error;
  const lacksToken = needs_token && !token;
  return (
    <Section title={team}>
      <p>
        {invited_by} invites you as {role}, until <Time at={expires_at} />.
      </p>
      {lacksToken && <p className="quiet">Open the link in the mail that invited you to accept.</p>}
      {error && <ProblemNotice error={error} />}
      <p>
        <button
          type="button"
          className="button primary"
          disabled={busy || lacksToken}
          onClick={() => accept.mutate()}
        >
          Join {team}
        </button>{" "}
        <button type="button" className="button" disabled={busy} onClick={() => decline.mutate()}>
          Decline
        </button>
      </p>
    </Section>
  );
}
