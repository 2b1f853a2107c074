import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeMember } from "../../testing/factories.ts";
import { makeBinding } from "../../testing/serving.ts";
import { makeVersions, sharesAtGateways } from "../../testing/traffic.ts";

test("a canary begins with its first step, is listed, and there is one at a time", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint, versions } = await makeVersions(ctx);
    const { ask } = apiOf(member);
    const path = `/endpoints/${endpoint.name}/rollouts`;
    const started = await ask("POST", path, { version: 2 });
    expect([started.status, started.json()]).toMatchObject([
      201,
      {
        version: 2,
        state: "running",
        step: 0,
        steps: [5, 25, 50, 100],
        before: [{ version: 1, percent: 100 }],
      },
    ]);
    expect(await sharesAtGateways(ctx, endpoint)).toBe("1=95 2=5");
    expect((await ask("GET", path)).json().items).toMatchObject([{ id: started.json().id }]);
    expect((await ask("POST", path, { version: 2 })).status).toBe(409);
    const unbind = await ask("DELETE", `/endpoints/${endpoint.name}/bindings/${versions[0]?.id}`);
    expect([unbind.status, unbind.json().detail]).toEqual([409, expect.stringContaining("part of a canary")]);
  }));

test("a version that is not ready, unknown, or alone can't become one; wrong plans are refused", () =>
  withRollback(async (db) => {
    const { member, endpoint } = await makeVersions(systemContext(db), 1);
    const { ask } = apiOf(member);
    const post = (body: unknown) => ask("POST", `/endpoints/${endpoint.name}/rollouts`, body);
    expect((await post({ version: 1 })).json().detail).toContain("nothing to judge it against");
    await makeBinding(member, endpoint, { weight: 0 });
    expect((await post({ version: 2 })).json().detail).toContain("still being loaded");
    expect((await post({ version: 3 })).status).toBe(404);
    for (const plan of [
      { steps: [5, 50] },
      { steps: [50, 5, 100] },
      { steps: [] },
      { every_ms: 1 },
      { max_p99_ratio: 0.5 },
      { min_agreement: 2 },
    ])
      expect((await post({ version: 2, ...plan })).status).toBe(400);
  }));

test("strangers find no endpoint to begin, see or steer one at", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint } = await makeVersions(ctx);
    const { ask } = apiOf(await makeMember(ctx));
    const path = `/endpoints/${endpoint.name}/rollouts`;
    expect((await ask("POST", path, { version: 2 })).status).toBe(404);
    for (const [method, verb] of [
      ["GET", ""],
      ["POST", "/pause"],
      ["POST", "/resume"],
      ["POST", "/abort"],
    ] as const)
      expect((await ask(method, `${path}${verb}`)).status).toBe(404);
  }));
