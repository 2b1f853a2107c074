import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { allItems, api, bodyOf } from "../../api/client.ts";
import type { EntrantMerge, Me } from "../../api/types.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Field } from "../../ui/field.tsx";
import { Section, TableScroll } from "../../ui/page.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { meKey } from "../accounts/me.ts";
import { competitionKeys } from "./queries.ts";

const useMerges = (name: string) =>
  useQuery({
    queryKey: competitionKeys.merges(name),
    queryFn: () =>
      allItems((after) =>
        bodyOf(
          api.GET("/api/v1/competitions/{name}/merges", {
            params: { path: { name }, query: after ? { after } : {} },
          }),
        ),
      ),
  });

function useRefetch(name: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: competitionKeys.one(name) }),
      client.invalidateQueries({ queryKey: meKey }),
    ]);
}

/** Asks another entrant that one's own becomes part of it. */
export function ProposeMerge({ name, from, into }: { name: string; from: string; into: string }) {
  const [asking, setAsking] = useState(false);
  const refetch = useRefetch(name);
  const propose = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/merges", {
          params: { path: { name } },
          body: { team: from, into },
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      return refetch();
    },
  });
  return (
    <>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Merge
      </button>
      {asking && (
        <Confirm
          title={`Become part of ${into}?`}
          confirm="Propose"
          busy={propose.isPending}
          error={propose.error}
          onConfirm={() => propose.mutate()}
          onCancel={() => setAsking(false)}
        >
          <p>
            Once {into} has accepted, all members of {from} join it and your submissions become its own. That
            can't be undone.
          </p>
        </Confirm>
      )}
    </>
  );
}

/** What was proposed between the reader's teams and others, and the answers. */
export function Merges({ me, name }: { me: Me; name: string }) {
  const merges = useMerges(name);
  if (!merges.data || merges.data.length === 0) return null;
  return (
    <Section title="Merges" flush>
      <TableScroll label="Merges">
        <table className="table">
          <thead>
            <tr>
              <th>From</th>
              <th>Into</th>
              <th>State</th>
              <th>Proposed</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {merges.data.map((merge) => (
              <tr key={merge.id}>
                <td>{merge.from}</td>
                <td>{merge.into}</td>
                <td>{merge.state}</td>
                <td>
                  <Time at={merge.proposed_at} />
                </td>
                <td className="end">
                  {merge.state === "proposed" && <Answers me={me} name={name} merge={merge} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Section>
  );
}

function Answers({ me, name, merge }: { me: Me; name: string; merge: EntrantMerge }) {
  const refetch = useRefetch(name);
  const params = { path: { name, id: merge.id } };
  const answer = useMutation({
    mutationFn: (verb: "refuse" | "withdraw") =>
      bodyOf(
        verb === "refuse"
          ? api.POST("/api/v1/competitions/{name}/merges/{id}/refuse", { params })
          : api.POST("/api/v1/competitions/{name}/merges/{id}/withdraw", { params }),
      ),
    onSuccess: refetch,
  });
  const own = (slug: string) => me.teams.find((team) => team.slug === slug && team.role !== "member");
  const into = own(merge.into);
  return (
    <>
      {into && <Accept name={name} merge={merge} personal={into.personal} onDone={refetch} />}
      {into && (
        <button
          type="button"
          className="button small"
          disabled={answer.isPending}
          onClick={() => answer.mutate("refuse")}
        >
          Refuse
        </button>
      )}
      {own(merge.from) && (
        <button
          type="button"
          className="button small"
          disabled={answer.isPending}
          onClick={() => answer.mutate("withdraw")}
        >
          Take back
        </button>
      )}
      {answer.error && <ProblemNotice error={answer.error} />}
    </>
  );
}

function Accept(props: { name: string; merge: EntrantMerge; personal: boolean; onDone: () => unknown }) {
  const { name, merge, personal, onDone } = props;
  const [asking, setAsking] = useState(false);
  const [team, setTeam] = useState("");
  const accept = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/merges/{id}/accept", {
          params: { path: { name, id: merge.id } },
          body: personal ? { team } : {},
        }),
      ),
    onSuccess: () => {
      setAsking(false);
      return onDone();
    },
  });
  return (
    <>
      <button type="button" className="button small primary" onClick={() => setAsking(true)}>
        Accept
      </button>
      {asking && (
        <Confirm
          title={`Become one with ${merge.from}?`}
          confirm="Accept"
          busy={accept.isPending || (personal && team === "")}
          error={accept.error}
          onConfirm={() => accept.mutate()}
          onCancel={() => setAsking(false)}
        >
          <p>Its members join you and its submissions become yours. That can't be undone.</p>
          {personal && (
            <Field
              label="Name of your new team"
              hint="A personal team takes no members, so a team is made for all of you."
              value={team}
              maxLength={64}
              onChange={(event) => setTeam(event.target.value)}
            />
          )}
        </Confirm>
      )}
    </>
  );
}
