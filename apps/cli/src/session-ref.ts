import type { Cli } from "./cli.ts";
import { ok } from "./client.ts";
import { CliError } from "./errors.ts";
import type { Session } from "./types.ts";

/** The session that a person names by `owner/dataset/N` or by its id. */
export async function findSession(cli: Cli, reference: string): Promise<Session> {
  const api = cli.api();
  if (/^ses_[0-9a-f]{32}$/.test(reference)) {
    return ok(api.GET("/api/v1/sessions/{id}", { params: { path: { id: reference } } }));
  }
  if (!/^[^/\s]+\/[^/\s]+\/\d+$/.test(reference)) {
    throw new CliError(
      `"${reference}" is not a session. Name it owner/dataset/N or ses_…; yours: podium ps -a`,
    );
  }
  const found = await ok(api.GET("/api/v1/sessions", { params: { query: { name: reference } } }));
  const session = found.items[0];
  if (!session) throw new CliError(`There is no session ${reference}, or not for you. Yours: podium ps -a`);
  return session;
}
