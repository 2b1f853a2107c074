import { expect, test } from "bun:test";
import { apiOf } from "../../testing/api.ts";
import { as, systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { count, makeVersions } from "../../testing/traffic.ts";
import { totalsOf } from "./store.ts";
import { takeVersionReport } from "./take-report.ts";

const RUN = `gtw_${"0".repeat(31)}1` as const;

test("reports that are repeated, or overtaken by a later one, change nothing; other runs and gateways add up", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { versions } = await makeVersions(ctx, 1);
    const binding_id = versions[0]?.id ?? "bnd_";
    const report = (sequence: number, calls: number, run: string = RUN) =>
      takeVersionReport(ctx, {
        gateway_id: RUN,
        run_id: run,
        sequence,
        versions: [{ binding_id, calls, errors: 1, latency: { 5: calls } }],
      });
    await report(2, 20);
    await report(2, 20);
    await report(1, 10);
    await report(1, 5, `gtw_${"0".repeat(31)}2`);
    expect((await totalsOf(db, [binding_id]))[binding_id]).toMatchObject({
      calls: 25,
      errors: 2,
      latency: { 5: 25 },
    });
  }));

test("a version that is not known is passed over, and the others are taken", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { endpoint, versions } = await makeVersions(ctx, 1);
    await count(ctx, endpoint, { 1: { calls: 3 } });
    const unknown = ctx.ids.next("binding");
    const versionsSaid = [unknown, versions[0]?.id ?? "bnd_"].map((binding_id) => ({
      binding_id: binding_id as typeof unknown,
      calls: 9,
      errors: 0,
      latency: {},
    }));
    await takeVersionReport(ctx, { gateway_id: RUN, run_id: RUN, sequence: 9_999, versions: versionsSaid });
    expect((await totalsOf(db, [versions[0]?.id ?? ""]))[versions[0]?.id ?? ""]?.calls).toBe(9);
  }));

test("only gateways may say what was counted", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const { member } = await makeVersions(ctx, 1);
    const body = { gateway_id: RUN, run_id: RUN, sequence: 1, versions: [] };
    expect((await apiOf(member).ask("POST", "/gateway/versions", body)).status).toBe(401);
    const gateway = apiOf(as(ctx, { kind: "gateway" }));
    expect((await gateway.ask("POST", "/gateway/versions", body)).status).toBe(204);
    expect((await gateway.ask("POST", "/gateway/versions", { ...body, sequence: -1 })).status).toBe(400);
  }));
