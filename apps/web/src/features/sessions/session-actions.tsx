import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { Session } from "../../api/types.ts";
import { navigate } from "../../router/router.tsx";
import { ProblemNotice } from "../../ui/states.tsx";
import { sessionKeys } from "./queries.ts";
import { StopSession } from "./stop-session.tsx";

type Verb = "pause" | "resume" | "fork";

/** What its team can do to a session as it is now. */
export function verbsOf({ kind, state, after_stop }: Session, ended: boolean): Verb[] {
  if (kind !== "train") return [];
  if (ended) return ["fork"];
  if (state === "paused" || state === "retrying") return ["resume", "fork"];
  if (state === "stopping") return after_stop === "queued" ? ["pause", "fork"] : ["fork"];
  return ["pause", "fork"];
}

/** The buttons that pause, resume, fork and stop a session. A fork's own page opens. */
export function SessionActions({ session, ended }: { session: Session; ended: boolean }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (verb: Verb) => send(session.id, verb),
    onSuccess: (result) => {
      client.setQueryData(sessionKeys.one(result.id), result);
      if (result.id !== session.id) navigate(`/sessions/${result.id}`);
    },
  });
  const verbs = verbsOf(session, ended);
  return (
    <>
      {act.error !== null && <ProblemNotice error={act.error} />}
      {verbs.map((verb) => (
        <button
          key={verb}
          type="button"
          className="button"
          disabled={act.isPending}
          title={TITLES[verb]}
          onClick={() => act.mutate(verb)}
        >
          {WORDS[verb]}
        </button>
      ))}
      {!ended && <StopSession session={session} />}
    </>
  );
}

const WORDS: Record<Verb, string> = { pause: "Pause", resume: "Resume", fork: "Fork" };
const TITLES: Record<Verb, string> = {
  pause: "It saves and ends; until it is resumed it holds no GPU and pays nothing",
  resume: "It goes on from what it saved last",
  fork: "Run the same again from its latest checkpoint, as a session of its own",
};

function send(id: string, verb: Verb): Promise<Session> {
  const params = { path: { id } };
  if (verb === "pause") return bodyOf(api.POST("/api/v1/sessions/{id}/pause", { params }));
  if (verb === "resume") return bodyOf(api.POST("/api/v1/sessions/{id}/resume", { params }));
  return bodyOf(api.POST("/api/v1/sessions/{id}/fork", { params, body: {} }));
}
