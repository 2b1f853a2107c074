import { createBindingSchema, createEndpointSchema, type Id } from "@podium/shared";
import { bindModel } from "../serving/bind.ts";
import { createEndpoint } from "../serving/create-endpoint.ts";
import { sessionMoved } from "../serving/follow-replica.ts";
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
      const row = await findBinding(member.db, { id });
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

/** The endpoint as gateways know it. */
export async function routesOf(ctx: TestContext, endpoint: { id: string }) {
  const found = (await routeTable(ctx)).endpoints.find(({ id }) => id === endpoint.id);
  if (!found) throw new Error("gateways don't know this endpoint");
  return found;
}
