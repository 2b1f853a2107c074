// Stands in for the generated types until they exist; removed then.
import type * as s from "@podium/shared";
import type { z } from "zod";

type Schemas = {
  Me: s.Me;
  Team: z.infer<typeof s.teamSchema>;
  NewApiToken: z.infer<typeof s.newTokenSchema>;
  Balance: z.infer<typeof s.balanceSchema>;
  LedgerEntry: z.infer<typeof s.ledgerEntrySchema>;
  LedgerSummary: z.infer<typeof s.ledgerSummarySchema>;
  Prices: s.Prices;
  Tree: s.Tree;
  Dataset: z.infer<typeof s.datasetSchema>;
  DatasetVersion: z.infer<typeof s.datasetVersionSchema>;
  Node: z.infer<typeof s.nodeSchema>;
  Session: s.Session;
  LogLine: z.infer<typeof s.logLineSchema>;
  MetricPoint: z.infer<typeof s.metricPointSchema>;
  Checkpoint: z.infer<typeof s.checkpointSchema>;
  Competition: s.Competition;
  Round: z.infer<typeof s.roundSchema>;
  Entrant: z.infer<typeof s.entrantSchema>;
  Submission: s.Submission;
  Leaderboard: z.infer<typeof s.leaderboardSchema>;
  Endpoint: z.infer<typeof s.endpointSchema>;
  Binding: z.infer<typeof s.bindingSchema>;
  NewEndpointKey: z.infer<typeof s.newEndpointKeySchema>;
  Study: z.infer<typeof s.studySchema>;
};
export interface components {
  schemas: Schemas;
}

type In<S extends z.ZodType> = z.input<S>;
type PathOf<P extends string> = P extends `${string}{${infer N}}${infer R}`
  ? { [K in N]: string } & PathOf<R>
  : unknown;
type Problem = { default: { content: { "application/problem+json": s.Problem } } };
type Ok<R> = { responses: { 200: { content: { "application/json": R } } } & Problem };
type Params<P extends string, Q> = {
  parameters: { query?: Q } & (P extends `${string}{${string}` ? { path: PathOf<P> } : { path?: never });
};
type Get<P extends string, R, Q = never> = Params<P, Q> & Ok<R>;
type Write<P extends string, R, B = never, Q = never> = Params<P, Q> &
  ([B] extends [never] ? { requestBody?: never } : { requestBody: { content: { "application/json": B } } }) &
  Ok<R>;
type Page<T> = { items: T[]; next: string | null };
type PageQuery = { limit?: number; after?: string };

type Routes = {
  "/auth/sign-up": { post: Write<"", undefined, In<typeof s.signUpSchema>> };
  "/auth/sign-in": { post: Write<"", undefined, In<typeof s.signInSchema>> };
  "/me": { get: Get<"", Schemas["Me"]> };
  "/tokens": { post: Write<"", Schemas["NewApiToken"], In<typeof s.createTokenSchema>> };
  "/tokens/{id}": { delete: Write<"{id}", undefined> };
  "/users/{email}/role": {
    patch: Write<"{email}", undefined, { role: "admin" | "organizer" | "participant" }>;
  };
  "/teams/{slug}/credits": { get: Get<"{slug}", Schemas["Balance"]> };
  "/teams/{slug}/ledger": { get: Get<"{slug}", Page<Schemas["LedgerEntry"]>, PageQuery> };
  "/credits/grants": { post: Write<"", Schemas["Balance"], In<typeof s.grantSchema>> };
  "/credits/prices": {
    get: Get<"", Schemas["Prices"]>;
    put: Write<"", Schemas["Prices"], In<typeof s.pricesSchema>>;
  };
  "/credits/summary": { get: Get<"", Schemas["LedgerSummary"]> };
  "/blobs/missing": { post: Write<"", { missing: string[] }, In<typeof s.missingBlobsSchema>> };
  "/trees": { post: Write<"", { id: string; size: number }, In<typeof s.createTreeSchema>> };
  "/trees/{id}": { get: Get<"{id}", Schemas["Tree"]> };
  "/trees/{id}/blobs/{sha256}": { get: Get<"{id}{sha256}", unknown> };
  "/datasets": {
    get: Get<"", Page<Schemas["Dataset"]>, PageQuery>;
    post: Write<"", Schemas["Dataset"], In<typeof s.createDatasetSchema>>;
  };
  "/datasets/{team}/{name}": { get: Get<"{team}{name}", Schemas["Dataset"]> };
  "/datasets/{team}/{name}/versions": {
    get: Get<"{team}{name}", { items: Schemas["DatasetVersion"][] }>;
    post: Write<"{team}{name}", Schemas["DatasetVersion"], { tree_id: string }>;
  };
  "/nodes": { get: Get<"", { items: Schemas["Node"][] }> };
  "/sessions": {
    get: Get<
      "",
      Page<Schemas["Session"]>,
      PageQuery & { state?: string; kind?: string; team?: string; name?: string }
    >;
    post: Write<"", Schemas["Session"], In<typeof s.createSessionSchema>>;
  };
  "/sessions/{id}": { get: Get<"{id}", Schemas["Session"]> };
  "/sessions/{id}/stop": { post: Write<"{id}", Schemas["Session"]> };
  "/sessions/{id}/why": {
    get: Get<"{id}", { position: number | null; nodes: { node: string; reason: string }[] }>;
  };
  "/sessions/{id}/logs": {
    get: Get<
      "{id}",
      { items: Schemas["LogLine"][]; next_seq: number; complete: boolean },
      { after_seq?: number; limit?: number }
    >;
  };
  "/sessions/{id}/metrics": {
    get: Get<
      "{id}",
      { items: Schemas["MetricPoint"][]; next_seq: number },
      { after_seq?: number; name?: string }
    >;
  };
  "/sessions/{id}/checkpoints": { get: Get<"{id}", { items: Schemas["Checkpoint"][] }> };
  "/competitions": {
    get: Get<"", Page<Schemas["Competition"]>, PageQuery>;
    post: Write<"", Schemas["Competition"], In<typeof s.createCompetitionSchema>>;
  };
  "/competitions/{name}": { get: Get<"{name}", Schemas["Competition"]> };
  "/competitions/{name}/entrants": {
    get: Get<"{name}", Page<Schemas["Entrant"]>, PageQuery>;
    post: Write<"{name}", Schemas["Entrant"], In<typeof s.joinCompetitionSchema>>;
  };
  "/competitions/{name}/submissions": {
    get: Get<"{name}", Page<Schemas["Submission"]>, PageQuery & { mine?: boolean }>;
    post: Write<"{name}", Schemas["Submission"], In<typeof s.submitSchema>>;
  };
  "/submissions/{id}": { get: Get<"{id}", Schemas["Submission"]> };
  "/competitions/{name}/rounds/{round}/close": { post: Write<"{name}{round}", Schemas["Round"]> };
  "/competitions/{name}/rounds/{round}/leaderboard": {
    get: Get<"{name}{round}", Schemas["Leaderboard"], PageQuery>;
  };
  "/endpoints": {
    get: Get<"", Page<Schemas["Endpoint"]>, PageQuery>;
    post: Write<"", Schemas["Endpoint"], In<typeof s.createEndpointSchema>>;
  };
  "/endpoints/{name}": { get: Get<"{name}", Schemas["Endpoint"]> };
  "/endpoints/{name}/bindings": {
    post: Write<"{name}", Schemas["Binding"], In<typeof s.createBindingSchema>>;
  };
  "/endpoints/{name}/keys": {
    post: Write<"{name}", Schemas["NewEndpointKey"], In<typeof s.createEndpointKeySchema>>;
  };
  "/studies": { post: Write<"", Schemas["Study"], In<typeof s.createStudySchema>> };
  "/studies/{id}": { get: Get<"{id}", Schemas["Study"]> };
};
export type paths = { [P in keyof Routes as `/api/v1${P}`]: Routes[P] };
