import type { NewEndpointKey } from "../../../api/types.ts";

export const SCOPES = [
  ["infer", "call the model"],
  ["metadata", "read what it takes and gives"],
  ["jobs", "make jobs"],
] as const;

/** What the form asks for, as the hub takes it: what was left empty limits nothing, and is left out. */
export function newKeyOf(form: FormData): NewEndpointKey {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const key: NewEndpointKey = { name: text("name") };
  const scopes = SCOPES.map(([scope]) => scope).filter((scope) => form.getAll("scope").includes(scope));
  if (scopes.length > 0) key.scopes = scopes;
  const versions = text("versions").split(",").filter(Boolean).map(Number);
  if (versions.length > 0) key.versions = versions;
  if (text("days") !== "") key.expires_in_days = Number(text("days"));
  const rate = Number(text("rate"));
  // As many at once as a second lets pass, and at least one.
  if (rate > 0) key.rate = { per_second: rate, burst: Math.max(1, Math.ceil(rate)) };
  if (text("day") !== "") key.calls_per_day = Number(text("day"));
  if (text("month") !== "") key.calls_per_month = Number(text("month"));
  return key;
}
