import { findingTitle } from "@podium/shared/finding-title";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import type { Competition, Finding, Me } from "../../api/types.ts";
import { Link } from "../../router/router.tsx";
import { ConfirmWithReason } from "../../ui/confirm-with-reason.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { PageOf } from "../../ui/page-of.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Empty, Show } from "../../ui/states.tsx";
import { Time } from "../../ui/time.tsx";
import { mayManage } from "../accounts/me.ts";
import { useCompetition } from "../competitions/queries.ts";
import { evidenceOf } from "./evidence.ts";
import { EvidenceTable } from "./evidence-table.tsx";
import { OrganizersOnly } from "./organizers-only.tsx";

const TITLE = "Findings";
const findingsKey = (name: string) => ["findings", name] as const;

const useFindings = (name: string) =>
  useInfiniteQuery({
    queryKey: findingsKey(name),
    initialPageParam: "",
    queryFn: ({ pageParam: after }) =>
      bodyOf(
        api.GET("/api/v1/competitions/{name}/findings", {
          params: { path: { name }, query: { limit: 50, ...(after ? { after } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });

/** What points at unfair play, with its evidence, for the organizer to judge. */
export function FindingsPage({ me, name }: { me: Me; name: string }) {
  const up = { to: `/competitions/${name}`, text: name };
  return (
    <PageOf answer={useCompetition(name)} what="the competition" title={TITLE} up={up}>
      {(competition) =>
        mayManage(me, competition.organizer) ? (
          <FindingsView competition={competition} />
        ) : (
          <OrganizersOnly title={TITLE} up={up} />
        )
      }
    </PageOf>
  );
}

function FindingsView({ competition: { name, title } }: { competition: Competition }) {
  const findings = useFindings(name);
  const all = findings.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      title={TITLE}
      up={{ to: `/competitions/${name}`, text: title }}
      lead="Evidence, not verdicts: nobody is excluded by one. You judge, and the contest's history keeps why."
    >
      <Show answer={{ data: all, error: findings.error, refetch: findings.refetch }} what="the findings">
        {(items) =>
          items.length === 0 ? (
            <Empty title="Nothing was found">
              Each scored submission is compared with the others. What is too alike appears here.
            </Empty>
          ) : (
            <>
              {items.map((finding) => (
                <FindingCard key={finding.id} name={name} finding={finding} />
              ))}
              <ShowMore of={findings} />
            </>
          )
        }
      </Show>
    </Page>
  );
}

function FindingCard({ name, finding }: { name: string; finding: Finding }) {
  const { entrants, submissions, text } = evidenceOf(finding);
  return (
    <Section
      title={`${findingTitle(finding.kind)}: ${entrants.join(" and ")}`}
      side={<Time at={finding.found_at} />}
    >
      <p>{text}</p>
      <EvidenceTable competition={name} ids={submissions} />
      {finding.verdict !== null && (
        <p>
          <strong>{finding.verdict === "upheld" ? "Upheld" : "Dismissed"}</strong>
          {finding.judged_at && (
            <>
              {" "}
              <Time at={finding.judged_at} />
            </>
          )}
          : {finding.reason}
        </p>
      )}
      <Judge name={name} finding={finding} />
    </Section>
  );
}

type Verdict = NonNullable<Finding["verdict"]>;

function Judge({ name, finding }: { name: string; finding: Finding }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState<Verdict | null>(null);
  const judge = useMutation({
    mutationFn: (body: { verdict: Verdict; reason: string }) =>
      bodyOf(
        api.POST("/api/v1/competitions/{name}/findings/{id}", {
          params: { path: { name, id: finding.id } },
          body,
        }),
      ),
    onSuccess: () => {
      setAsking(null);
      return Promise.all([
        client.invalidateQueries({ queryKey: findingsKey(name) }),
        client.invalidateQueries({ queryKey: ["competition", name, "history"] }),
      ]);
    },
  });
  return (
    <div className="board-tool">
      {finding.verdict !== "dismissed" && (
        <button type="button" className="button small" onClick={() => setAsking("dismissed")}>
          Dismiss
        </button>
      )}
      {finding.verdict !== "upheld" && (
        <button type="button" className="button small" onClick={() => setAsking("upheld")}>
          Uphold
        </button>
      )}
      {finding.verdict === "upheld" && (
        <Link to={`/competitions/${name}/entrants`}>Exclude somebody among those who take part</Link>
      )}
      {asking !== null && (
        <ConfirmWithReason
          title={asking === "upheld" ? "Uphold this finding?" : "Dismiss this finding?"}
          confirm={asking === "upheld" ? "Uphold" : "Dismiss"}
          hint="The contest's history keeps it; entrants don't see it."
          required
          maxLength={2000}
          busy={judge.isPending}
          error={judge.error}
          onConfirm={(reason) => judge.mutate({ verdict: asking, reason: reason ?? "" })}
          onCancel={() => setAsking(null)}
        >
          <p>
            {asking === "upheld"
              ? "You have looked at it and it is unfair play. Nobody is excluded by that: do so among those who take part."
              : "You have looked at it and there is nothing wrong with it. You can still uphold it later."}
          </p>
        </ConfirmWithReason>
      )}
    </div>
  );
}
