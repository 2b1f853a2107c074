import { makeCompetition } from "../browser/hub.ts";
import { ended, must, type Person, waitFor } from "../lib/person.ts";
import type { Cluster } from "./cluster.ts";
import { begin } from "./work.ts";

const NAME = "storm";
const CALL_EVERY_MS = 250;
const CALL_MS = 5_000;
const WITHIN_MS = 150_000;
/** It says 1 for rows whose labels are 1, 2 and 3. */
const SCORE = 5 / 3;
/** As many as an entrant may have under way. */
const SUBMISSIONS = 2;

/** A model that answers calls, and that is entered into a contest. */
export interface Model {
  /** Enters it, in the middle of the storm. */
  submit(): Promise<void>;
  /** Once the storm is over: what is wrong with its answers and its scores. Afterwards nothing serves it any more. */
  faults(): Promise<string[]>;
}

/** Trains it, opens a contest, and puts it behind an endpoint that is called from now on. */
export async function serveModel(
  { stack }: Cluster,
  admin: Person,
  person: Person,
  code: string,
): Promise<Model> {
  const trained = await begin(person, code, { kind: "succeeds", lines: 1, gpus: 0, image: null });
  await ended(person, trained.id);
  await makeCompetition(stack.hubUrl, admin, NAME, "");
  const named = { path: { name: NAME } };
  must(await person.api.POST("/api/v1/competitions/{name}/entrants", { params: named, body: {} }));
  must(await person.api.POST("/api/v1/endpoints", { body: { name: NAME, public: true } as never }));
  const what = { session_id: trained.id, checkpoint: "last" };
  const body = what as never;
  const bound = must(await person.api.POST("/api/v1/endpoints/{name}/bindings", { params: named, body }));
  await waitFor("an answer", WITHIN_MS, () => call(stack.gatewayUrl));
  const calls = callOften(stack.gatewayUrl);
  const submissions: string[] = [];

  return {
    async submit() {
      for (let n = 0; n < SUBMISSIONS; n++) {
        const request = { params: named, headers: { "Idempotency-Key": crypto.randomUUID() } };
        const { id } = await waitFor("a submission's acceptance", WITHIN_MS, async () =>
          must(
            await person.api.POST("/api/v1/competitions/{name}/submissions", {
              ...request,
              body: { kind: "checkpoint", ...what },
            } as never),
          ),
        );
        submissions.push(id);
      }
    },
    async faults() {
      const faults = await calls.stop();
      await waitFor("an answer after the storm", WITHIN_MS, () => call(stack.gatewayUrl));
      for (const id of submissions) faults.push(...(await wrongScore(person, id)));
      const params = { path: { name: NAME, id: bound.id } };
      await person.api.DELETE("/api/v1/endpoints/{name}/bindings/{id}", { params });
      const { state } = await ended(person, bound.session_id, WITHIN_MS);
      return state === "stopped" ? faults : [...faults, `the replica's session is ${state}`];
    },
  };
}

async function wrongScore(person: Person, id: string): Promise<string[]> {
  const end = await waitFor(`the end of submission ${id}`, WITHIN_MS, async () => {
    const now = must(await person.api.GET("/api/v1/submissions/{id}", { params: { path: { id } } }));
    return now.state === "scored" || now.state === "failed" ? now : null;
  });
  const isRight = end.score !== null && Math.abs(end.score - SCORE) < 1e-9;
  return isRight ? [] : [`${id} is ${end.state} with ${end.score}: ${JSON.stringify(end.failure)}`];
}

/** The answer to one row; null when there is none. */
async function call(gatewayUrl: string): Promise<unknown> {
  const response = await fetch(`${gatewayUrl}/${NAME}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ id: "1", x: 10 }]),
    signal: AbortSignal.timeout(CALL_MS),
  });
  return response.ok ? response.json() : null;
}

/** Calls until it is told to stop: while something is down there may be no answer, but never a wrong one. */
function callOften(gatewayUrl: string) {
  const wrong: string[] = [];
  let isStopping = false;
  const calling = (async () => {
    while (!isStopping) {
      const answer = await call(gatewayUrl).catch(() => null);
      if (answer !== null && !Bun.deepEquals(answer, [1])) wrong.push(`answered ${JSON.stringify(answer)}`);
      await Bun.sleep(CALL_EVERY_MS);
    }
  })();
  return {
    async stop() {
      isStopping = true;
      await calling;
      return wrong;
    },
  };
}
