// Stands in for the generated types until they exist.
import type * as t from "./types.ts";

type Json<T> = { content: { "application/json": T } };
type Fail = { default: { content: { "application/problem+json": t.Problem } } };
type Par<Path> = Path extends undefined ? { path?: never } : { path: Path };
type Get<Path, Query, R> = {
  get: { parameters: Par<Path> & { query?: Query }; responses: { 200: Json<R> } & Fail };
};
type Post<Path, Body, R> = {
  post: { parameters: Par<Path>; requestBody: Json<Body>; responses: { 200: Json<R> } & Fail };
};
type Bare<M extends string, Path, R> = {
  [K in M]: { parameters: Par<Path>; responses: { 200: Json<R> } & Fail };
};
type PageQ = { limit?: number; after?: string };
type Name = { name: string };
type IdP = { id: string };
type None = undefined;

export interface paths {
  "/api/v1/auth/sign-up": Post<None, { email: string; password: string; name: string }, t.Me>;
  "/api/v1/auth/sign-in": Post<None, { email: string; password: string }, t.Me>;
  "/api/v1/auth/sign-out": Bare<"post", None, undefined>;
  "/api/v1/me": Get<None, None, t.Me>;
  "/api/v1/tokens": Get<None, None, { items: t.ApiToken[] }> & Post<None, { name: string }, t.NewApiToken>;
  "/api/v1/tokens/{id}": Bare<"delete", IdP, undefined>;
  "/api/v1/teams/{slug}/credits": Get<{ slug: string }, None, t.Balance>;
  "/api/v1/teams/{slug}/ledger": Get<{ slug: string }, PageQ, t.Page<t.LedgerEntry>>;
  "/api/v1/nodes": Get<None, None, { items: t.Node[] }>;
  "/api/v1/sessions": Get<
    None,
    PageQ & { state?: string; kind?: string; team?: string; name?: string },
    t.Page<t.Session>
  >;
  "/api/v1/sessions/{id}": Get<IdP, None, t.Session>;
  "/api/v1/sessions/{id}/stop": Bare<"post", IdP, t.Session>;
  "/api/v1/sessions/{id}/why": Get<
    IdP,
    None,
    { position: number | null; nodes: { node: string; reason: string }[] }
  >;
  "/api/v1/sessions/{id}/logs": Get<
    IdP,
    { after_seq?: number; limit?: number },
    { items: t.LogLine[]; next_seq: number; complete: boolean }
  >;
  "/api/v1/sessions/{id}/metrics": Get<
    IdP,
    { after_seq?: number; name?: string },
    { items: t.MetricPoint[]; next_seq: number }
  >;
  "/api/v1/sessions/{id}/checkpoints": Get<IdP, None, { items: t.Checkpoint[] }>;
  "/api/v1/competitions": Get<None, PageQ, t.Page<t.Competition>>;
  "/api/v1/competitions/{name}": Get<Name, None, t.Competition>;
  "/api/v1/competitions/{name}/entrants": Get<Name, PageQ, t.Page<t.Entrant>> &
    Post<Name, { team?: string }, t.Entrant>;
  "/api/v1/competitions/{name}/submissions": Get<Name, PageQ & { mine?: boolean }, t.Page<t.Submission>> &
    Post<Name, t.Submit, t.Submission>;
  "/api/v1/competitions/{name}/rounds/{round}/close": Bare<"post", { name: string; round: string }, t.Round>;
  "/api/v1/competitions/{name}/rounds/{round}/leaderboard": Get<
    { name: string; round: string },
    PageQ,
    t.Leaderboard
  >;
  "/api/v1/endpoints": Get<None, PageQ, t.Page<t.Endpoint>>;
  "/api/v1/endpoints/{name}": Get<Name, None, t.Endpoint>;
  "/api/v1/endpoints/{name}/keys": Post<Name, { name: string }, t.NewEndpointKey>;
  "/api/v1/cluster": Get<
    None,
    None,
    {
      nodes: number;
      devices: number;
      devices_in_use: number;
      sessions_running: number;
      sessions_queued: number;
    }
  >;
}
