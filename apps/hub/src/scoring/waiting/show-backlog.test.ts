import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import {
  creditOf,
  makeCompetition,
  makeEntrant,
  makeMember,
  makeNode,
  makeTree,
  place,
  reload,
} from "../../testing/factories.ts";
import { settle } from "../../testing/jobs.ts";
import { setJudging } from "../../testing/programs.ts";
import { reloadSubmission, submitToScorer } from "../../testing/submissions.ts";
import type { Scorer } from "../judge.ts";

const scorer: Scorer = { score: () => Promise.reject(new Error("nothing built-in here")) };

test("the organizer sees what its scorer waits for, the entrant that it waits for a place; nothing is charged", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { name, organizer } = await makeCompetition(ctx, {
      definition: {
        metric: { name: "custom", order: "descending" },
        scorer: { program: "scorer", convention: "nsml", memory_bytes: 6 * 1024 ** 3 },
      },
    });
    await setJudging(ctx, name, { scorerTree: await makeTree(organizer, { "evaluation.py": "print(1)" }) });
    const path = `/competitions/${name}/scoring`;
    const backlog = async () => (await apiOf(organizer).ask("GET", path)).json();
    expect(await backlog()).toEqual({ queued: 0, running: 0, wait: null });

    const [one, other] = [await makeEntrant(ctx, name), await makeEntrant(ctx, name)];
    const all = [
      await submitToScorer(one, name),
      await submitToScorer(one, name),
      await submitToScorer(other, name),
    ];
    expect(await backlog()).toMatchObject({ queued: 3, running: 0, wait: null });
    await makeNode(ctx);
    await settle(ctx, { scorer });
    await place(ctx);
    const sessions = [];
    for (const each of all)
      sessions.push(await reload(ctx, { id: (await reloadSubmission(ctx, each)).scoreSessionId ?? "" }));
    // In the one line of all entrants: the other's only one comes before the first entrant's second.
    expect(sessions.map(({ turn }) => turn)).toEqual(all.map(({ priority }) => priority));
    expect(await backlog()).toMatchObject({
      queued: 0,
      running: 1,
      wait: {
        waiting: 2,
        gives_up_at: new Date(ctx.clock.now().getTime() + ctx.settings.inferWaitMs).toISOString(),
        session: expect.stringContaining(organizer.team.slug),
        nodes: [{ reason: expect.any(String) }],
      },
    });
    const queueOf = async (who: typeof one, id = "") =>
      (await apiOf(who).ask("GET", `/submissions/${id}`)).json().queue;
    expect(await queueOf(one, all[0]?.id)).toBeNull();
    expect(await queueOf(other, all[2]?.id)).toMatchObject({ position: 1, waits_for: "scorer_node" });
    expect(await queueOf(one, all[1]?.id)).toMatchObject({ position: 2, waits_for: "scorer_node" });
    const listed = await apiOf(one).ask("GET", `/competitions/${name}/submissions`);
    expect(listed.json().items.map(({ queue }: { queue: unknown }) => queue)).toEqual([
      { position: 2, waits_for: "scorer_node", starts_at: null },
      null,
    ]);
    expect(await creditOf(one)).toMatchObject({ held: 0, spent: 0 });
    for (const member of [one, await makeMember(ctx)])
      expect((await apiOf(member).ask("GET", path)).status).toBe(403);
    expect((await apiOf(one).ask("GET", "/competitions/nothing/scoring")).status).toBe(404);
  }));
