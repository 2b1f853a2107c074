import { DomainError, type Share, type TRAFFIC_CAUSES } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { routesChanged } from "../routes-changed.ts";
import { type BindingRow, bindingsOf, type EndpointRow, updateBinding } from "../store.ts";
import { recordTraffic } from "./record-traffic.ts";
import { sharesOf } from "./shares.ts";

interface Wanted {
  shares: readonly Share[];
  cause: (typeof TRAFFIC_CAUSES)[number];
  note?: string;
  /** also to a version that is still loading: it takes its share when it is ready */
  evenStarting?: true;
}

/**
 * Gives the versions of an endpoint these shares, and all others none, in one piece: gateways never see half of it.
 * To be called with the endpoint locked. A version that loses its traffic stays ready for as long as the endpoint keeps it.
 * @returns false when that is how things are already @throws DomainError `conflict`, with the reason, and nothing is changed
 */
export async function applyShares(
  ctx: Context,
  tx: Tx,
  endpoint: Pick<EndpointRow, "id" | "name">,
  { shares, cause, note, evenStarting }: Wanted,
): Promise<boolean> {
  const rows = await bindingsOf(tx, endpoint.id);
  const before = sharesOf(rows);
  const after = shares.filter(({ percent }) => percent > 0).toSorted((a, b) => a.version - b.version);
  if (JSON.stringify(before) === JSON.stringify(after)) return false;
  for (const share of after) mayGet(endpoint.name, rows, share, evenStarting ? after : before);
  const now = ctx.clock.now();
  for (const row of rows) {
    const weight = after.find(({ version }) => version === row.version)?.percent ?? 0;
    if (row.weight === weight) continue;
    const idleSince = weight > 0 ? null : row.weight > 0 ? now : row.idleSince;
    await updateBinding(tx, row.id, { weight, idleSince });
  }
  await recordTraffic(ctx, tx, { endpointId: endpoint.id, cause, before, after, note: note ?? null });
  await routesChanged(ctx, tx, endpoint.id);
  return true;
}

/** A version whose model does not answer now gets no calls that it does not have already. */
function mayGet(
  name: string,
  rows: readonly BindingRow[],
  { version, percent }: Share,
  allowed: readonly Share[],
): void {
  const row = rows.find((each) => each.version === version);
  const refusal = (why: string) =>
    new DomainError("conflict", `Version ${version} of "${name}" can't take ${percent} %: ${why}`);
  if (!row)
    throw refusal(`there is no such version. podium endpoint show ${name} lists those that are bound.`);
  if (row.shadowPercent > 0)
    throw refusal("it gets copies of calls as a shadow. End that first: podium endpoint shadow … --off");
  if (row.state === "ready" || row.state === "idle") return;
  if (row.state === "starting") {
    const has = allowed.find((share) => share.version === version)?.percent ?? 0;
    if (percent > has) throw refusal("its model is still being loaded. Try again when it is ready.");
    return;
  }
  if (row.state === "failed") throw refusal(`its model has ended: ${row.failure ?? "without a word"}`);
  throw refusal("it was taken off this endpoint. Bind its checkpoint again: podium endpoint bind");
}
