import { createHash } from "node:crypto";
import { seeded } from "../../../apps/hub/src/testing/random.ts";
import type { Person } from "../person.ts";
import { type Contest, predictionsOff, scoreOff } from "./make-contest.ts";
import { modelsOfEach, orderOfTurns, type Stage } from "./stage.ts";

/** What a player was told was accepted. */
export interface Accepted {
  id: string;
  entrant: string;
  /** ms of this process's clock when its request was sent */
  sentAt: number;
  /** the score that it must get */
  score: number;
}

export interface Played {
  accepted: Accepted[];
  /** how often a limit held */
  refused: number;
  startedAt: number;
}

interface Turn {
  player: number;
  number: number;
  /** how far off its one wrong row is */
  off: number;
  notBefore: number;
  /** its predictions, once they are pushed */
  tree: string | null;
}

/** Who talks with the hub at once. */
const CONNECTIONS = 12;
const ANSWERS_WITHIN_MS = 15_000;
const AGAIN_MS = 300;
/** Some minutes: a hub that is killed again and again comes back later each time. */
const AGAIN_TIMES = 500;

/**
 * Plays a stage: all entrants push and submit, each as often as the stage says. What a limit refuses is submitted
 * again later; what got no answer is asked again under its key, so that it is still one submission.
 */
export async function playStage(contest: Contest, stage: Stage, entrants: Person[]): Promise<Played> {
  const random = seeded(stage.models);
  const counts = modelsOfEach(stage);
  const made = counts.map(() => 0);
  const turns: Turn[] = orderOfTurns(counts, random).map((player) => {
    made[player] = (made[player] ?? 0) + 1;
    return { player, number: made[player] ?? 0, off: 1 + random.int(5_000), notBefore: 0, tree: null };
  });
  const played: Played = { accepted: [], refused: 0, startedAt: performance.now() };
  let slot = 0;
  let waiting = turns.length;

  async function play(): Promise<void> {
    while (waiting > 0) {
      const turn = turns.shift();
      if (!turn || turn.notBefore > performance.now()) {
        if (turn) turns.push(turn);
        await Bun.sleep(turns.length > CONNECTIONS ? 1 : 20);
        continue;
      }
      const person = entrants[turn.player];
      if (!person) throw new Error(`Nobody is the entrant ${turn.player}.`);
      const first = turn.notBefore === 0;
      if (first && stage.perSecond !== null)
        await until(played.startedAt + (slot++ * 1000) / stage.perSecond);
      const sentAt = performance.now();
      const key = `${stage.name}-${turn.player}-${turn.number}`;
      // Pushed once: who was refused asks again for what is there.
      const tree = turn.tree ?? (await pushed(contest, person, predictionsOff(contest.rows, turn.off)));
      const answer = await submittedTree(contest, person, tree, key);
      if (answer === "limit_reached") {
        played.refused += 1;
        turns.push({ ...turn, tree, notBefore: performance.now() + AGAIN_MS });
        continue;
      }
      waiting -= 1;
      const score = scoreOff(contest.rows, turn.off);
      played.accepted.push({ id: answer, entrant: person.team, sentAt, score });
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, turns.length) }, play));
  return played;
}

type Where = Pick<Contest, "hubUrl" | "name">;

/** Pushes a prediction file and submits it. @returns the submission's id */
export async function submitted(where: Where, person: Person, text: string, key: string) {
  return submittedTree(where, person, await pushed(where, person, text), key);
}

const JSON_TYPE = { "content-type": "application/json" };

/** @returns the id of the tree that the file is in */
async function pushed({ hubUrl }: Where, { token }: Person, text: string): Promise<string> {
  const sha256 = createHash("sha256").update(text).digest("hex");
  const headers = { authorization: `Bearer ${token}` };
  await answered(`${hubUrl}/api/v1/blobs/${sha256}`, "PUT", text, headers);
  const entries = [{ path: "predictions.csv", sha256, size: Buffer.byteLength(text), mode: 0o644 }];
  const body = JSON.stringify({ entries });
  const tree = await answered(`${hubUrl}/api/v1/trees`, "POST", body, { ...headers, ...JSON_TYPE });
  return String(tree["id"]);
}

async function submittedTree(
  { hubUrl, name }: Where,
  { token }: Person,
  tree_id: string,
  key: string,
): Promise<string | "limit_reached"> {
  const body = JSON.stringify({ kind: "predictions", tree_id });
  const headers = { authorization: `Bearer ${token}`, "idempotency-key": key, ...JSON_TYPE };
  const made = await answered(`${hubUrl}/api/v1/competitions/${name}/submissions`, "POST", body, headers);
  return made["code"] === "limit_reached" ? "limit_reached" : String(made["id"]);
}

/** A hub that is away is asked again; so is one that has broken off. Any refusal but a limit's is a fault. */
async function answered(
  url: string,
  method: string,
  body: string,
  headers: Record<string, string>,
): Promise<Record<string, unknown>> {
  for (let tries = 1; ; tries += 1) {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const response = await fetch(url, { method, body, headers, signal }).catch(() => null);
    const text = response ? await response.text().catch(() => null) : null;
    if (response && text !== null && response.status < 500) {
      const answer: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
      if (response.ok || answer["code"] === "limit_reached") return answer;
      throw new Error(`${method} ${url}: ${response.status} ${text}`);
    }
    if (tries === AGAIN_TIMES)
      throw new Error(`${method} ${url}: no answer (${response?.status ?? "nobody there"})`);
    await Bun.sleep(AGAIN_MS);
  }
}

async function until(at: number): Promise<void> {
  const waitMs = at - performance.now();
  if (waitMs > 0) await Bun.sleep(waitMs);
}
