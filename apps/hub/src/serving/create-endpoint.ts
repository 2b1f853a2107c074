import { type createEndpointSchema, DomainError, type Id } from "@podium/shared";
import type { z } from "zod";
import { type Context, resolveTeam } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { routesChanged } from "./routes-changed.ts";
import { insertEndpoint } from "./store.ts";

/** Makes a named REST endpoint of a team; it answers once a model is bound to it. @throws DomainError `conflict` */
export async function createEndpoint(
  ctx: Context,
  tx: Tx,
  input: z.infer<typeof createEndpointSchema>,
): Promise<Id<"endpoint">> {
  const team = resolveTeam(ctx, input.team);
  const id = ctx.ids.next("endpoint");
  const { name, public: isPublic, timeout_ms, max_queue, max_body_bytes, cors_origins } = input;
  const row = {
    id,
    teamId: team.id,
    name,
    public: isPublic,
    timeoutMs: timeout_ms,
    maxQueue: max_queue,
    maxBodyBytes: max_body_bytes,
    corsOrigins: cors_origins,
    rate: input.rate ?? null,
    addressRate: input.address_rate ?? null,
  };
  if (!(await insertEndpoint(tx, { ...row, createdAt: ctx.clock.now() }))) {
    throw new DomainError("conflict", `There is an endpoint called "${name}" already. Choose another name.`);
  }
  await routesChanged(ctx, tx, id);
  return id;
}
