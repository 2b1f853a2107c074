import { latencyBucket, type ShadowFigures, startRolloutSchema, type VersionReport } from "@podium/shared";
import { startRollout } from "../serving/rollouts/start-rollout.ts";
import { listRollouts } from "../serving/rollouts/store.ts";
import { bindingsOf, type EndpointRow } from "../serving/store.ts";
import { setTraffic } from "../serving/traffic/set-traffic.ts";
import { takeVersionReport } from "../serving/versions/take-report.ts";
import type { TestContext } from "./context.ts";
import { type Member, makeMember, makeNode } from "./factories.ts";
import { makeBinding, makeEndpoint, routesOf } from "./serving.ts";

/** An endpoint with so many ready versions; the first has all of the traffic. */
export async function makeVersions(ctx: TestContext, count = 2) {
  const member = await makeMember(ctx);
  const endpoint = await makeEndpoint(member);
  const versions = [];
  for (let number = 1; number <= count; number++) {
    const binding = await makeBinding(member, endpoint, { weight: number === 1 ? 1 : 0 });
    await makeNode(ctx);
    await binding.place();
    await binding.loaded();
    versions.push(binding);
  }
  return { member, endpoint, versions };
}

/** `3=90 4=10`, as the command takes it. */
export function shares(text: string) {
  return text.split(" ").map((part) => {
    const [version, percent] = part.split("=").map(Number);
    return { version: version ?? 0, percent: percent ?? 0 };
  });
}

export const setShares = (member: Member, endpoint: EndpointRow, text: string) =>
  member.db.transaction((tx) => setTraffic(member, tx, endpoint, { shares: shares(text) }));

/** What gateways are told: `1=90 2=10`. */
export async function sharesAtGateways(ctx: TestContext, endpoint: { id: string }): Promise<string> {
  const { bindings } = await routesOf(ctx, endpoint);
  return bindings
    .filter(({ weight }) => weight > 0)
    .map(({ version, weight }) => `${version}=${weight}`)
    .join(" ");
}

export async function makeRollout(member: Member, endpoint: EndpointRow, plan: Record<string, unknown> = {}) {
  const input = startRolloutSchema.parse({ version: 2, ...plan });
  return member.db.transaction((tx) => startRollout(member, tx, endpoint, input));
}

export async function newestRollout(ctx: TestContext, endpoint: EndpointRow) {
  const [newest] = await listRollouts(ctx.db, endpoint.id, 1, undefined);
  if (!newest) throw new Error("there is no canary");
  return newest.rollout;
}

interface Counted {
  calls: number;
  errors?: number;
  /** milliseconds that each of them took */
  ms?: number;
  shadow?: Partial<ShadowFigures>;
}

const NO_SHADOW: ShadowFigures = {
  compared: 0,
  agreed: 0,
  failed: 0,
  dropped: 0,
  numeric: 0,
  max_difference: 0,
  sum_of_mean_differences: 0,
  worst: [],
  latency: {},
  primary_latency: {},
};
let sequence = 0;

/** A gateway says what it has counted in all, by version. */
export async function count(
  ctx: TestContext,
  endpoint: EndpointRow,
  counted: Record<number, Counted>,
  run = 1,
): Promise<void> {
  const rows = await bindingsOf(ctx.db, endpoint.id);
  const gateway = `gtw_${String(run).padStart(32, "0")}`;
  sequence += 1;
  const versions = Object.entries(counted).map(([version, { calls, errors = 0, ms = 10, shadow }]) => ({
    binding_id: rows.find((row) => row.version === Number(version))
      ?.id as VersionReport["versions"][number]["binding_id"],
    calls,
    errors,
    latency: { [latencyBucket(ms)]: calls },
    ...(shadow && { shadow: { ...NO_SHADOW, ...shadow } }),
  }));
  await takeVersionReport(ctx, { gateway_id: gateway, run_id: gateway, sequence, versions });
}
