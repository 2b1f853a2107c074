import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";

/** `a__b` means `a/b`: Python's keyword arguments can't have a slash. */
export const shownName = (name: string) => name.replaceAll("__", "/");

/** All points that a session reported, or those of one name, as it is shown or as the script wrote it. */
export async function allPoints(cli: Cli, id: string, name: string | undefined) {
  const isAsked = (point: { name: string }) =>
    name === undefined || shownName(point.name) === shownName(name);
  const points = [];
  for (let after = 0; ; ) {
    const query = { after_seq: after, limit: 5000 };
    const page = await ok(
      cli.api().GET("/api/v1/sessions/{id}/metrics", { params: { path: { id }, query } }),
    );
    points.push(...page.items.filter(isAsked));
    if (page.items.length === 0 || page.next_seq <= after) return points;
    after = page.next_seq;
  }
}
