import { expect, test } from "bun:test";
import { SECRET_PREFIX, sha256 } from "../platform/secrets.ts";
import { apiOf } from "../testing/api.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { heartbeat, makeMember, makeNode, makeRunningSession, reportOf } from "../testing/factories.ts";
import { makeBinding, makeEndpoint, routesOf } from "../testing/serving.ts";
import { describeServing } from "./describe.ts";

const beat = (ctx: TestContext, digit: string) =>
  apiOf(as(ctx, { kind: "gateway" })).ask("POST", "/gateway/heartbeat", {
    gateway_id: `gtw_${digit.repeat(32)}`,
    replica_url: `ws://gateway-${digit}.test/replicas`,
    public_url: `http://gateway-${digit}.test`,
  });

test("a replica is told of the gateways that are up and of its own token; one that is silent for 30 s is not dialled", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const binding = await makeBinding(member, endpoint, { max_batch: 16 });
    const nodeId = await makeNode(ctx);
    await binding.place();
    const serving = async () => {
      const { attempts } = await heartbeat(ctx, nodeId, [reportOf(ctx, await binding.serveSession())]);
      return attempts[0]?.serving;
    };
    const urls = async () =>
      (await apiOf(member).ask("GET", `/endpoints/${endpoint.name}`)).json().urls as string[];

    expect((await beat(ctx, "a")).status).toBe(200);
    ctx.clock.advance(20_000);
    await beat(ctx, "b");
    const described = await serving();
    expect(described).toMatchObject({
      binding_id: binding.id,
      max_batch: 16,
      call_ms: 30_000,
      gateways: ["ws://gateway-a.test/replicas", "ws://gateway-b.test/replicas"],
    });
    const [route] = (await routesOf(ctx, endpoint)).bindings;
    expect(route?.replica_sha256).toEqual([sha256(described?.replica_token ?? "")]);

    ctx.clock.advance(10_000);
    expect((await serving())?.gateways).toEqual(["ws://gateway-b.test/replicas"]);
    expect(await urls()).toEqual([`http://gateway-b.test/${endpoint.name}`]);
    await beat(ctx, "a");
    expect((await serving())?.gateways).toHaveLength(2);
  }));

test("every attempt has a token of its own", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const endpoint = await makeEndpoint(member);
    const binding = await makeBinding(member, endpoint);
    const token = async () => {
      const nodeId = await makeNode(ctx);
      await binding.place();
      const { attempts } = await heartbeat(ctx, nodeId, [reportOf(ctx, await binding.serveSession())]);
      return attempts[0]?.serving?.replica_token;
    };
    const first = await token();
    await binding.loseNode();
    const second = await token();
    expect(first).toStartWith(`${SECRET_PREFIX.replica}_`);
    expect(second).toStartWith(`${SECRET_PREFIX.replica}_`);
    expect(second).not.toBe(first);
  }));

test("a session that serves nothing is described as nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const session = await makeRunningSession(await makeMember(ctx));
    const attempt = { id: session.attemptId } as Parameters<typeof describeServing>[1][number]["attempt"];
    expect((await describeServing(ctx, [{ attempt, session }])).size).toBe(0);
  }));
