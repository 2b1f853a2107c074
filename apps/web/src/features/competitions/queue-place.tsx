import type { Submission } from "../../api/types.ts";
import { Time } from "../../ui/time.tsx";
import { useSubmission } from "./queries.ts";

/** Which place a submission has among those that wait, and when its turn is likely to come. */
export function QueuePlace({ submission, own }: { submission: Submission; own: boolean }) {
  if (submission.queue === null) return null;
  return own ? <WithEstimate submission={submission} /> : <Place queue={submission.queue} />;
}

/** An estimate costs a look at the whole cluster: it is asked for where somebody waits for it. */
function WithEstimate({ submission }: { submission: Submission }) {
  const detail = useSubmission(submission.competition, submission.id);
  const queue = detail.data?.state === submission.state ? detail.data.queue : submission.queue;
  return queue && <Place queue={queue} />;
}

function Place({ queue: { position, starts_at, waits_for } }: { queue: NonNullable<Submission["queue"]> }) {
  return (
    <span className="under">
      {waits_for === "scorer_node" && "waiting for a place to be scored, "}place {position} of those that wait
      {starts_at && (
        <>
          , from about <Time at={starts_at} style="clock" />
        </>
      )}
    </span>
  );
}
