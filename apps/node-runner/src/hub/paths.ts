import type { Problem, SpoolRecord, Tree } from "@podium/shared";

/** The part of the hub's HTTP API that a runner calls, in the form that `openapi-typescript` generates. */
type Json<T> = { content: { "application/json": T } };
type Refused = { content: { "application/problem+json": Problem } };
type Bytes = { content: { "application/octet-stream": string } };
type Header = { "X-Podium-Epoch": string };

export interface paths {
  "/api/v1/nodes/join": {
    post: {
      requestBody: Json<{ join_token: string; name: string }>;
      responses: { 201: Json<{ node_id: string; node_token: string }>; default: Refused };
    };
  };
  "/api/v1/runner/attempts/{attempt}/trees/{tree}": {
    get: {
      parameters: { path: { attempt: string; tree: string }; header: Header };
      responses: { 200: Json<Tree>; default: Refused };
    };
  };
  "/api/v1/runner/attempts/{attempt}/blobs/{sha256}": {
    get: {
      parameters: { path: { attempt: string; sha256: string }; header: Header };
      responses: { 200: Bytes; default: Refused };
    };
    put: {
      parameters: { path: { attempt: string; sha256: string }; header: Header };
      requestBody: Bytes;
      responses: { 204: { content?: never }; default: Refused };
    };
  };
  "/api/v1/runner/attempts/{attempt}/blobs/missing": {
    post: {
      parameters: { path: { attempt: string }; header: Header };
      requestBody: Json<{ sha256: string[] }>;
      responses: { 200: Json<{ missing: string[] }>; default: Refused };
    };
  };
  "/api/v1/runner/attempts/{attempt}/records": {
    post: {
      parameters: { path: { attempt: string }; header: Header };
      requestBody: Json<{ epoch: number; records: SpoolRecord[] }>;
      responses: { 200: Json<{ acked_seq: number }>; default: Refused };
    };
  };
  "/api/v1/runner/attempts/{attempt}/checkpoints": {
    get: {
      parameters: { path: { attempt: string }; query: { name: string; session?: string }; header: Header };
      responses: { 200: Json<{ name: string; tree_id: string }>; default: Refused };
    };
  };
}
