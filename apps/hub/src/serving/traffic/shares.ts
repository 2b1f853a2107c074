import type { Share } from "@podium/shared";

interface Weighed {
  version: number;
  weight: number;
  state: string;
}

const isLive = ({ state }: Weighed) => state === "ready" || state === "idle" || state === "starting";

/** What versions get once all of them that have a weight are ready, in percent, by version; those without are left out. */
export function sharesOf(bindings: readonly Weighed[]): Share[] {
  const weighed = bindings.filter((binding) => isLive(binding) && binding.weight > 0);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  return weighed
    .map(({ version, weight }) => ({ version, percent: hundredths((100 * weight) / total) }))
    .sort((a, b) => a.version - b.version);
}

/** What one version gets as things stand: a model that is still loading draws no traffic. */
export function presentPercent(binding: Weighed, all: readonly Weighed[]): number {
  const ready = all.filter(({ state }) => state === "ready" || state === "idle");
  return sharesOf(ready).find(({ version }) => version === binding.version)?.percent ?? 0;
}

/** `3=90 4=10`, or `none`. */
export function sharesText(shares: readonly Share[]): string {
  return shares.map(({ version, percent }) => `${version}=${percent}`).join(" ") || "none";
}

/**
 * The shares when `version` gets `percent` and the others divide the rest as they do in `before`.
 * Where `before` has no other, nobody takes the rest: `version` gets all.
 */
export function sharesWith(version: number, percent: number, before: readonly Share[]): Share[] {
  const others = before.filter((share) => share.version !== version && share.percent > 0);
  const total = others.reduce((sum, share) => sum + share.percent, 0);
  if (total === 0 || percent >= 100) return [{ version, percent: 100 }];
  const rest = others.map((share) => ({
    version: share.version,
    percent: hundredths(((100 - percent) * share.percent) / total),
  }));
  return [...rest, { version, percent }].sort((a, b) => a.version - b.version);
}

function hundredths(percent: number): number {
  return Math.round(percent * 100) / 100;
}
