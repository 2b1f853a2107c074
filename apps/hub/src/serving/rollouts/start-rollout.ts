import { DomainError, type Id, type startRolloutSchema } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { routesChanged } from "../routes-changed.ts";
import { type BindingRow, bindingsOf, type EndpointRow, lockEndpoint, updateBinding } from "../store.ts";
import { applyShares } from "../traffic/apply-shares.ts";
import { sharesOf, sharesWith } from "../traffic/shares.ts";
import { totalsOf } from "../versions/store.ts";
import { refuseDuringRollout } from "./live.ts";
import { insertRollout } from "./store.ts";

type Plan = z.infer<typeof startRolloutSchema>;
/** While it is compared, it gets a copy of every call that there is room for. */
const SHADOW_PERCENT = 100;

/**
 * Begins a canary: the version gets its first share, or copies to compare, and `advanceRollouts` does the rest.
 * @throws DomainError `not_found`; `conflict`: one is under way, the version is not ready, or there is nothing to judge it against
 */
export async function startRollout(
  ctx: Context,
  tx: Tx,
  endpoint: EndpointRow,
  plan: Plan,
): Promise<Id<"rollout">> {
  await lockEndpoint(tx, endpoint.id);
  await refuseDuringRollout(tx, endpoint);
  const rows = await bindingsOf(tx, endpoint.id);
  const before = sharesOf(rows.filter(({ version }) => version !== plan.version));
  const row = candidateOf(endpoint, rows, plan.version);
  if (before.length === 0)
    throw new DomainError(
      "conflict",
      `No other version of "${endpoint.name}" has traffic, so there is nothing to judge it against. Give it all: podium endpoint traffic ${endpoint.name} ${plan.version}=100`,
    );
  const id = ctx.ids.next("rollout");
  const totals = await totalsOf(
    tx,
    rows.map((each) => each.id),
  );
  const now = ctx.clock.now();
  const asShadow = plan.shadow_calls > 0;
  const first = plan.steps[0] ?? 100;
  const text = asShadow
    ? `It gets copies of all calls until ${plan.shadow_calls} answers are compared.`
    : `It gets ${first} % of the calls.`;
  if (asShadow) {
    await applyShares(ctx, tx, endpoint, { shares: before, cause: "canary", note: "to be compared first" });
    await updateBinding(tx, row.id, { shadowPercent: SHADOW_PERCENT });
    await routesChanged(ctx, tx, endpoint.id);
  } else {
    const shares = sharesWith(plan.version, first, before);
    await applyShares(ctx, tx, endpoint, {
      shares,
      cause: "canary",
      note: `canary of version ${plan.version}`,
    });
  }
  await insertRollout(tx, {
    id,
    endpointId: endpoint.id,
    bindingId: row.id,
    state: "running",
    steps: plan.steps,
    step: asShadow ? -1 : 0,
    stepSince: now,
    everyMs: plan.every_ms,
    maxErrorRate: plan.max_error_rate,
    maxP99Ratio: plan.max_p99_ratio,
    minCalls: plan.min_calls,
    shadowCalls: plan.shadow_calls,
    minAgreement: plan.min_agreement,
    before,
    atStart: totals,
    atStep: totals,
    log: [{ at: now.toISOString(), text }],
    createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    createdAt: now,
  });
  return id;
}

function candidateOf({ name }: EndpointRow, rows: readonly BindingRow[], version: number): BindingRow {
  const row = rows.find((each) => each.version === version);
  if (!row || row.state === "stopped" || row.state === "draining")
    throw new DomainError(
      "not_found",
      `"${name}" has no version ${version}. podium endpoint show ${name} lists them.`,
    );
  if (row.state === "ready" && row.shadowPercent === 0) return row;
  const why =
    row.state === "starting"
      ? "its model is still being loaded. Try again when it is ready."
      : row.state === "failed"
        ? `its model has ended: ${row.failure ?? "without a word"}`
        : "it is a shadow already. End that first: podium endpoint shadow … --off";
  throw new DomainError("conflict", `Version ${version} of "${name}" can't become a canary: ${why}`);
}
