import { expect, test } from "bun:test";
import { apiOf } from "../testing/api.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { settle } from "../testing/jobs.ts";
import { makeRollout, makeVersions } from "../testing/traffic.ts";

test("an endpoint's team hears once how its canary ended, and why; others don't", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member, endpoint } = await makeVersions(ctx);
    const { ask } = apiOf(member);
    await makeRollout(member, endpoint);
    await settle(ctx);
    const notes = async (who: typeof member) =>
      (await apiOf(who).ask("GET", "/notifications"))
        .json()
        .items.filter(({ kind }: { kind: string }) => kind === "rollout.ended");
    expect(await notes(member)).toEqual([]);
    expect((await ask("POST", `/endpoints/${endpoint.name}/rollouts/abort`)).status).toBe(200);
    await settle(ctx);
    expect(await notes(member)).toMatchObject([
      {
        text: `Version 2 of endpoint "${endpoint.name}" was ended before its time. It was ended by hand. The traffic is as before: 1=100.`,
      },
    ]);
    expect(await notes(await makeMember(ctx))).toEqual([]);
  }));
