import { expect, test } from "bun:test";
import { fixedClock } from "../../platform/clock.ts";
import { sha256 } from "../../platform/secrets.ts";
import type { TestContext } from "../../testing/context.ts";
import { makeCompetition } from "../../testing/factories.ts";
import { type TestHub, withHub } from "../../testing/hub.ts";

const FILE = "id,prediction\na,1\nb,2\nc,3\nd,4\n";

/** An entrant at a hub that listens on loopback, with a prediction file that it has pushed. */
async function makeEntrantAt(hub: TestHub, limits: Record<string, unknown>) {
  const ctx = { ...hub.ctx, clock: fixedClock(new Date().toISOString()) } as TestContext;
  const { name } = await makeCompetition(ctx, { round: { limits } });
  const { token } = await hub.join("ann");
  const hash = sha256(new TextEncoder().encode(FILE));
  const entries = [{ path: "predictions.csv", sha256: hash, size: FILE.length, mode: 0o644 }];
  const put = await hub.call("PUT", `/api/v1/blobs/${hash}`, { token, body: FILE });
  const tree = await hub.call("POST", "/api/v1/trees", { token, body: { entries } });
  const entered = await hub.call("POST", `/api/v1/competitions/${name}/entrants`, { token, body: {} });
  expect([put.ok, tree.status, entered.status]).toEqual([true, 201, 201]);
  const { id: tree_id } = (await tree.json()) as { id: string };
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => hub.app.fetch(request) });
  const submit = async (key?: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/competitions/${name}/submissions`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify({ kind: "predictions", tree_id }),
    });
    return { status: answer.status, body: (await answer.json()) as { id?: string; code?: string } };
  };
  const listed = async () => {
    const answer = await hub.call("GET", `/api/v1/competitions/${name}/submissions?limit=200`, { token });
    return ((await answer.json()) as { items: { id: string; number: number }[] }).items;
  };
  return { submit, listed, stop: () => server.stop(true) };
}

test("of a hundred requests at the same moment as many are accepted as the limits allow, the others hear which", () =>
  withHub(async (hub) => {
    const { submit, listed, stop } = await makeEntrantAt(hub, { per_day: 7, total: 50, pending: 1000 });
    try {
      const answers = await Promise.all(Array.from({ length: 100 }, () => submit()));
      const statuses = Map.groupBy(answers, ({ status }) => status);
      expect([...statuses].map(([status, all]) => [status, all.length]).sort()).toEqual([
        [201, 7],
        [429, 93],
      ]);
      for (const { body } of statuses.get(429) ?? []) expect(body.code).toBe("limit_reached");
      expect((await listed()).map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    } finally {
      await stop();
    }
  }));

test("a hundred requests with one Idempotency-Key are one submission, and all get its answer", () =>
  withHub(async (hub) => {
    const { submit, listed, stop } = await makeEntrantAt(hub, { per_day: 7, pending: 1000 });
    try {
      const answers = await Promise.all(Array.from({ length: 100 }, () => submit("once")));
      const [only] = await listed();
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([only?.id]));
      expect(await listed()).toHaveLength(1);
    } finally {
      await stop();
    }
  }));
