import type { Binding, TrafficChange } from "../../api/types.ts";

type Share = TrafficChange["after"][number];

/** Versions that may take traffic, or hold what they have. */
export const mayTakeTraffic = ({ state }: Pick<Binding, "state">) =>
  state === "ready" || state === "idle" || state === "starting";

/** Shares as a person typed them, by version: those above nothing, and what they add up to. */
export function sharesTyped(typed: ReadonlyMap<number, string>): { shares: Share[]; total: number } {
  const shares = [...typed]
    .map(([version, text]) => ({ version, percent: Number(text) }))
    .filter(({ percent }) => percent > 0);
  const total = shares.reduce((sum, { percent }) => sum + percent, 0);
  return { shares, total: Math.round(total * 100) / 100 };
}

/** `version 1: 90 %, version 2: 10 %`. */
export function sharesText(shares: readonly Share[]): string {
  if (shares.length === 0) return "no traffic";
  return shares.map(({ version, percent }) => `version ${version}: ${percent} %`).join(", ");
}

/** What one types to call an endpoint; the key is left for the caller to fill in. */
export function curlFor(url: string, isPublic: boolean): string {
  const lines = [
    `curl -X POST ${url}`,
    ...(isPublic ? [] : ["-H 'Authorization: Bearer YOUR_KEY'"]),
    "-H 'Content-Type: application/json'",
    `-d '{"…": …}'`,
  ];
  return lines.join(" \\\n  ");
}
