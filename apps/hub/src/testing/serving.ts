import { createBindingSchema, createEndpointSchema, type Id } from "@podium/shared";
import { bindModel } from "../serving/bind.ts";
import { createEndpoint } from "../serving/create-endpoint.ts";
import { sessionMoved } from "../serving/follow-replica.ts";
import { scaleBindings } from "../serving/replicas/autoscale.ts";
import { openReplicas } from "../serving/replicas/store.ts";
import { takeLoad } from "../serving/replicas/take-load.ts";
import { routeTable } from "../serving/route-table.ts";
import { type EndpointRow, findBinding, findEndpoint } from "../serving/store.ts";
import { stopSession } from "../sessions/stop.ts";
import { as, type TestContext } from "./context.ts";
import { loseNodes, type Member, makeCheckpoint, makeSession, place, reload, report } from "./factories.ts";

const tensor = { datatype: "FP32", shape: [-1] } as const;
export const SIGNATURE = {
  inputs: [{ name: "x", ...tensor, shape: [-1] }],
  outputs: [{ name: "y", ...tensor, shape: [-1] }],
  batch: true,
};

/** An endpoint of the member's team; private unless told otherwise. */
export async function makeEndpoint(
  member: Member,
  input: { name?: string; public?: boolean } = {},
): Promise<EndpointRow> {
  const name = `model-${member.ids.next("endpoint").slice(-12)}`;
  const request = createEndpointSchema.parse({ name, ...input });
  const id = await member.db.transaction((tx) => createEndpoint(member, tx, request));
  const found = await findEndpoint(member.db, { id });
  if (!found) throw new Error("the endpoint is gone");
  return found.endpoint;
}

/** A session that has ended and left a checkpoint called "best". */
export async function makeTrained(member: Member, input: Record<string, unknown> = {}) {
  const session = await makeSession(member, input);
  await makeCheckpoint(member, session, "best");
  await member.db.transaction((tx) => stopSession(member, tx, session.id, "trained"));
  return session;
}

/** Binds a trained model to the endpoint, and plays its node and the event that the hub reacts to. */
export async function makeBinding(
  member: Member,
  endpoint: EndpointRow,
  input: Record<string, unknown> = {},
) {
  const session_id = (await makeTrained(member)).id;
  const request = createBindingSchema.parse({ session_id, checkpoint: "best", ...input });
  const { id, sessionId } = await member.db.transaction((tx) =>
    bindModel(member, tx, endpoint, member.team, request),
  );
  const session = { id: sessionId ?? "" };
  const system = as(member, { kind: "system" });
  const moved = () => sessionMoved(system, session.id);
  const says = (what: Parameters<typeof report>[2]) => report(member, session, what);
  return {
    id: id as Id<"binding">,
    session,
    says,
    moved,
    reload: async () => {
      const row = await findBinding(member.db, id);
      if (!row) throw new Error("the binding is gone");
      return row;
    },
    serveSession: () => reload(member, session),
    place: async () => {
      await place(member);
      await moved();
    },
    loaded: () => says({ state: "running", replica: { ready: true, signature: SIGNATURE } }),
    loseNode: async () => {
      await loseNodes(member);
      await moved();
    },
  };
}

/** What a binding's replicas are, oldest first. */
export async function replicasOf(ctx: TestContext, binding: { id: string }) {
  return (await openReplicas(ctx.db, [binding.id])).map(({ replica, session }) => ({
    id: replica.sessionId,
    state: replica.state,
    session: session.state,
  }));
}

/** A turn of the autoscaler, under nobody's account. */
export function autoscale(ctx: TestContext): Promise<void> {
  return scaleBindings(as(ctx, { kind: "system" }));
}

/** Places what waits, and lets every replica of the binding say that it has loaded its model. */
export async function loadAll(ctx: TestContext, binding: { id: string }): Promise<void> {
  await place(ctx);
  for (const { id, state } of await replicasOf(ctx, binding)) {
    await sessionMoved(as(ctx, { kind: "system" }), id);
    const { attemptId } = await reload(ctx, { id });
    if (state === "starting" && attemptId)
      await report(ctx, { id }, { state: "running", replica: { ready: true, signature: SIGNATURE } });
  }
}

/** A session of a replica ends, and the hub hears of it. */
export async function endReplica(
  ctx: TestContext,
  id: string,
  what: Parameters<typeof report>[2],
): Promise<void> {
  await report(ctx, { id }, what);
  await sessionMoved(as(ctx, { kind: "system" }), id);
}

export const GATEWAY_ID = "gtw_0198c0de0198c0de0198c0de0198c0de";

/** A gateway says what it has: calls of one binding, and what it waits for from each replica. */
export async function gatewayLoad(
  ctx: TestContext,
  binding: { id: Id<"binding"> },
  load: { queued?: number; in_flight?: number; held?: boolean; version?: number; gateway?: string },
  replicas: { attempt_id: Id<"attempt">; in_flight: number }[] = [],
) {
  const { queued = 0, in_flight = 0, held = false, version = 1_000_000, gateway = GATEWAY_ID } = load;
  const bindings = [{ binding_id: binding.id, queued, in_flight, held }];
  return takeLoad(as(ctx, { kind: "gateway" }), { gateway_id: gateway, version, bindings, replicas });
}

/** The endpoint as gateways know it. */
export async function routesOf(ctx: TestContext, endpoint: { id: string }) {
  const found = (await routeTable(ctx)).endpoints.find(({ id }) => id === endpoint.id);
  if (!found) throw new Error("gateways don't know this endpoint");
  return found;
}
