import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, bodyOf } from "../../api/client.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Show } from "../../ui/states.tsx";
import { competitionKeys } from "./queries.ts";

/** What there is to agree to; `terms` is null where there is nothing. */
export const useTerms = (name: string) =>
  useQuery({
    queryKey: competitionKeys.terms(name),
    queryFn: () => bodyOf(api.GET("/api/v1/competitions/{name}/terms", { params: { path: { name } } })),
  });

interface AgreeProps {
  name: string;
  confirm: string;
  busy: boolean;
  error: unknown;
  /** @param sha256  of the terms that were read */
  onAgree: (sha256: string) => void;
  onCancel: () => void;
}

/** Shows the terms, and goes on once they are agreed to. */
export function Agree({ name, confirm, busy, error, onAgree, onCancel }: AgreeProps) {
  const answer = useTerms(name);
  const [agreed, setAgreed] = useState(false);
  const terms = answer.data?.terms;
  return (
    <Confirm
      title={`Terms of ${name}`}
      confirm={confirm}
      busy={busy || !agreed || !terms}
      error={error}
      onConfirm={() => terms && onAgree(terms.sha256)}
      onCancel={onCancel}
    >
      <Show answer={answer} what="the terms">
        {() => (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long terms scroll, also by keyboard */}
            <section className="terms plain-text" aria-label="Terms" tabIndex={0}>
              {terms?.content}
            </section>
            <label className="check">
              <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.target.checked)} />{" "}
              I have read these terms and agree to them, for all members of my team
            </label>
          </>
        )}
      </Show>
    </Confirm>
  );
}
