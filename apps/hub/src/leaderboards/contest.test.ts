import { afterAll, describe, expect, test } from "bun:test";
import type { PodiumEvent } from "@podium/shared";
import { treeEntries } from "../data/index.ts";
import { createScorerPool } from "../scoring/index.ts";
import { apiOf } from "../testing/api.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import {
  creditOf,
  finishWithOutput,
  heartbeat,
  LABELS,
  type Member,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeNode,
  place,
  reload,
  report,
} from "../testing/factories.ts";
import { deliver, settle } from "../testing/jobs.ts";
import { seeded } from "../testing/random.ts";
import { predictions, reloadSubmission, submitCheckpoint, submitFile } from "../testing/submissions.ts";

const pool = createScorerPool({ size: 2, timeoutMs: 60_000, memoryBytes: 256 * 1024 ** 2 });
afterAll(() => pool.close());

type Order = <T>(jobs: readonly T[]) => T[];
const asTheyCome: Order = (jobs) => [...jobs];

/**
 * Two rounds of four entrants: three submit in both ways, one only what fails. Whatever the API and the nodes hear
 * meanwhile is given to `heard`.
 */
async function playContest(ctx: TestContext, order: Order, heard: (contest: Contest) => Promise<void>) {
  const made = await makeCompetition(ctx, { rounds: 2, round: { survivors: { share: 0.5 } } });
  const { name, organizer, trees } = made;
  const entrants: Member[] = [];
  for (let n = 0; n < 4; n++) entrants.push(await makeEntrant(ctx, name));
  const contest: Contest = {
    name,
    organizer,
    entrants,
    trees,
    submissions: [],
    sessions: [],
    assignments: [],
  };
  const events: PodiumEvent[] = [];
  const settled = async () => events.push(...(await settle(ctx, { scorer: pool, order })));
  await makeNode(ctx);

  for (const [round, players] of [[1, entrants] as const, [2, entrants.slice(0, 2)] as const]) {
    for (const [index, entrant] of players.entries()) {
      ctx.clock.advance(60_000);
      const good = index < 3;
      const text = good ? predictions([1, 2, 3, 4 + index]) : "id,prediction\na,1\n";
      contest.submissions.push(await submitFile(entrant, name, text));
      contest.submissions.push(await submitCheckpoint(entrant, name, { priority: -100 }));
    }
    await settled();
    await heard(contest);
    await inferAll(ctx, contest, heard);
    await settled();
    const { status } = await apiOf(organizer).ask(
      "POST",
      `/competitions/${name}/rounds/round-${round}/close`,
    );
    expect(status).toBe(200);
    await settled();
    await heard(contest);
  }
  return { contest, events };
}

interface Contest {
  name: string;
  organizer: Member;
  entrants: Member[];
  trees: { train: string; inputs: string; labels: string };
  submissions: { id: string }[];
  sessions: { id: string }[];
  assignments: unknown[];
}

/** Runs what is to infer, one after the other: the second entrant's model is the best, the third's raises. */
async function inferAll(ctx: TestContext, contest: Contest, heard: (contest: Contest) => Promise<void>) {
  for (const submission of contest.submissions) {
    const { inferSessionId, state, teamId } = await reloadSubmission(ctx, submission);
    if (state !== "inferring" || !inferSessionId) continue;
    const session = { id: inferSessionId };
    contest.sessions.push(session);
    for (let turns = 0; (await reload(ctx, session)).state === "queued" && turns < 3; turns++)
      await place(ctx);
    const { nodeId } = await reload(ctx, session);
    contest.assignments.push(await heartbeat(ctx, nodeId));
    await report(ctx, session, { state: "running" });
    if (contest.sessions.length === 1) await heard(contest);
    const index = contest.entrants.findIndex(({ team }) => team.id === teamId);
    if (index === 2) {
      const failure = {
        code: "user_error",
        message: "ValueError",
        location: "main.py:1",
        hint: null,
      } as const;
      await report(ctx, session, { state: "ended", exit_code: 1, failure, final_seq: 0 });
      continue;
    }
    const off = index === 1 ? 0 : 2;
    const rows = ["a", "b", "c", "d"].map((id, row) => JSON.stringify({ id, prediction: row + 1 + off }));
    await finishWithOutput(ctx, session, { "predictions.jsonl": `${rows.join("\n")}\n` });
  }
}

/** All that a contest ends in, without ids and times of single runs. */
async function outcomeOf(ctx: TestContext, { name, organizer, entrants, submissions }: Contest) {
  const { ask } = apiOf(organizer);
  const slugs = new Map(entrants.map(({ team }, index) => [team.slug, `entrant ${index}`]));
  const boards = [];
  for (const round of ["round-1", "round-2"]) {
    const live = (await ask("GET", `/competitions/${name}/rounds/${round}/leaderboard`)).json();
    const recomputed = (
      await ask("GET", `/competitions/${name}/rounds/${round}/leaderboard/recomputed`)
    ).json();
    expect(live).toEqual(recomputed);
    boards.push(
      live.rows.map((row: Record<string, unknown>) => [
        row["rank"],
        slugs.get(String(row["entrant"])),
        row["score"],
        row["survives"],
      ]),
    );
  }
  const ends = [];
  for (const each of submissions) {
    const { state, score, failure, refunded } = await reloadSubmission(ctx, each);
    ends.push([state, score, failure?.code ?? null, refunded]);
  }
  const credits = [];
  for (const entrant of entrants) credits.push(await creditOf(entrant));
  const { rounds } = (await ask("GET", `/competitions/${name}`)).json();
  return { boards, ends, credits, rounds: rounds.map((round: { state: string }) => round.state) };
}

const EXPECTED = {
  boards: [
    [
      [1, "entrant 0", 0, true],
      [1, "entrant 1", 0, true],
      [3, "entrant 2", 1, false],
      [4, "entrant 3", 4, false],
    ],
    [
      [1, "entrant 0", 0, true],
      [2, "entrant 1", 0, true],
    ],
  ],
};

describe("a whole contest", () => {
  test(
    "ends in the same boards, failures, refunds and rounds, however often and in whatever order events come",
    () =>
      withRollback(async (db) => {
        const outcomes = [];
        for (const seed of [0, 1, 2]) {
          const ctx = systemContext(db);
          const order: Order = seed === 0 ? asTheyCome : seeded(seed).shuffle;
          const { contest, events } = await playContest(ctx, order, async () => undefined);
          const outcome = await outcomeOf(ctx, contest);
          await deliver(ctx, order([...events, ...events]), { scorer: pool });
          await settle(ctx, { scorer: pool });
          expect(await outcomeOf(ctx, contest)).toEqual(outcome);
          outcomes.push(outcome);
        }
        expect(outcomes[0]?.rounds).toEqual(["closed", "closed"]);
        expect(outcomes[0]?.boards[0]).toEqual(EXPECTED.boards[0] as never);
        expect(outcomes[1]).toEqual(outcomes[0] as never);
        expect(outcomes[2]).toEqual(outcomes[0] as never);
      }),
    120_000,
  );

  test(
    "shows its labels to nobody and its hidden inputs to no entrant, in no answer and no assignment (invariant 5)",
    () =>
      withRollback(async (db) => {
        const ctx = systemContext(db);
        const [stranger, otherNode] = [await makeMember(ctx), await makeNode(ctx)];
        let answers = 0;
        const { contest } = await playContest(ctx, asTheyCome, async (now) => {
          const secrets = await secretsOf(ctx, now);
          const people = [now.entrants[0], now.entrants[3], stranger, now.organizer];
          const nodes = [...new Set([otherNode, ...(await nodesOf(ctx, now))])];
          const who = [
            ...people.flatMap((member) => (member ? [member] : [])),
            ...nodes.map((nodeId) => as(ctx, { kind: "node", nodeId: nodeId as `nod_${string}` })),
            as(ctx, { kind: "anonymous" }),
          ];
          for (const actor of who) {
            const hidden =
              actor.actor.kind === "node" || actor === now.organizer ? secrets.labels : secrets.all;
            for (const { path, text: whole } of await everyAnswer(ctx, actor, now, secrets.all)) {
              // Of a round that was revealed, what its organizer was bound to: names, which give nobody the files.
              const text = whole.replaceAll(/"committed":\{[^}]*\}/g, "");
              // The organizer's own files, asked for by their names or for taking the contest elsewhere, are its own.
              if (actor === now.organizer && /^\/trees\/|\/export$/.test(path)) continue;
              answers += 1;
              for (const secret of hidden)
                if (text.includes(secret)) throw new Error(`${path} shows ${secret}`);
            }
          }
          for (const secret of secrets.labels) expect(JSON.stringify(now.assignments)).not.toContain(secret);
        });
        expect(answers).toBeGreaterThan(1000);
        expect(contest.assignments.length).toBeGreaterThan(5);
        expect(JSON.stringify(contest.assignments)).toContain(contest.trees.inputs);
      }),
    120_000,
  );
});

/** Names of the hidden trees and of the files in them. */
async function secretsOf(ctx: TestContext, { trees }: Contest) {
  const names = async (id: string) => [
    id,
    ...(await Array.fromAsync(treeEntries(ctx.db, id))).map((each) => each.sha256),
  ];
  const labels = [...(await names(trees.labels)), LABELS];
  return { labels, all: [...labels, ...(await names(trees.inputs))] };
}

async function nodesOf(ctx: TestContext, { sessions }: Contest): Promise<string[]> {
  const ids = [];
  for (const session of sessions) ids.push((await reload(ctx, session)).nodeId);
  return ids.flatMap((id) => (id ? [id] : []));
}

/** What all GET routes answer to an actor who tries every name that it could know or guess. */
async function everyAnswer(ctx: TestContext, actor: TestContext, contest: Contest, secrets: string[]) {
  const { ask, addresses } = apiOf(actor);
  const submissions = [];
  for (const each of contest.submissions) submissions.push(await reloadSubmission(ctx, each));
  const attempts = [];
  for (const each of contest.sessions.slice(-2)) attempts.push((await reload(ctx, each)).attemptId);
  const sessions = submissions
    .flatMap(({ sessionId, inferSessionId }) => [sessionId, inferSessionId])
    .slice(-4);
  const hashes = secrets.filter((secret) => secret !== LABELS);
  const known: Record<string, (string | null)[]> = {
    slug: [contest.organizer.team.slug],
    team: [contest.organizer.team.slug],
    name: [contest.name, `${contest.name}-round-1`, `${contest.name}-round-2`],
    round: ["round-1", "round-2"],
    id: [...hashes, ...sessions, ...submissions.slice(-2).map(({ id }) => id)],
    tree: hashes,
    sha256: hashes,
    attempt: attempts,
  };
  const answers = [];
  for (const address of addresses()) {
    if (address.endsWith("/stream")) continue;
    for (const path of fillIn(address.replace("/api/v1", ""), known)) {
      const { text } = await ask("GET", path);
      // A refusal may repeat what was asked.
      const asked = secrets.filter((secret) => path.includes(secret));
      answers.push({
        path,
        text: asked.reduce((rest, secret) => rest.replaceAll(`tree ${secret}`, ""), text),
      });
    }
  }
  return answers;
}

function fillIn(path: string, known: Record<string, (string | null)[]>): string[] {
  const name = /\{(\w+)\}/.exec(path)?.[1];
  if (name === undefined) return [path];
  return (known[name] ?? []).flatMap((value) =>
    value === null ? [] : fillIn(path.replace(`{${name}}`, value), known),
  );
}
