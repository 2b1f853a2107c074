import type { editEndpointSchema } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { routesChanged } from "../routes-changed.ts";
import { updateEndpoint } from "./store.ts";

/** Changes how an endpoint may be called; gateways follow within a second. What is left out stays. */
export async function editEndpoint(
  ctx: Context,
  tx: Tx,
  endpointId: string,
  input: z.infer<typeof editEndpointSchema>,
): Promise<void> {
  const columns = {
    public: input.public,
    timeoutMs: input.timeout_ms,
    maxQueue: input.max_queue,
    maxBodyBytes: input.max_body_bytes,
    corsOrigins: input.cors_origins,
    rate: input.rate,
    addressRate: input.address_rate,
  };
  const set = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length === 0) return;
  await updateEndpoint(tx, endpointId, set);
  await routesChanged(ctx, tx, endpointId);
}
