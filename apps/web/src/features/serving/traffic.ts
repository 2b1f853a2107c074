import type { Binding } from "../../api/types.ts";

/** Share of the traffic that each live binding gets, by its weight; stopped and failed ones get none. */
export function trafficShares(bindings: readonly Binding[]): { binding: Binding; share: number }[] {
  const live = (binding: Binding) => binding.state === "ready" || binding.state === "starting";
  const total = bindings.filter(live).reduce((sum, binding) => sum + binding.weight, 0);
  return bindings.map((binding) => ({
    binding,
    share: live(binding) && total > 0 ? binding.weight / total : 0,
  }));
}

/** What one types to call an endpoint; the key is left for the caller to fill in. */
export function curlFor(url: string, isPublic: boolean, key = "YOUR_KEY"): string {
  const lines = [
    `curl -X POST ${url}`,
    ...(isPublic ? [] : [`-H 'Authorization: Bearer ${key}'`]),
    "-H 'Content-Type: application/json'",
    `-d '{"…": …}'`,
  ];
  return lines.join(" \\\n  ");
}
