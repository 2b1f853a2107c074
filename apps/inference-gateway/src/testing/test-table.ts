import type { ModelSignature, RouteTable } from "@podium/shared";
import { sha256 } from "../hash.ts";

type Endpoint = RouteTable["endpoints"][number];
type Binding = Endpoint["bindings"][number];

/** An id of the right form whose digits end in `n`. */
export const testId = <P extends string>(prefix: P, n: number) =>
  `${prefix}_${n.toString(16).padStart(32, "0")}` as const;

export const KEY = "pdk_of-the-test";
export const REPLICA_TOKEN = "prt_of-the-test";

/** Rows of two numbers in, one number a row out. */
export const PAIRS: ModelSignature = {
  inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [-1] }],
  batch: true,
};

export function testBinding(n: number, change: Partial<Binding> = {}): Binding {
  return {
    id: testId("bnd", n),
    weight: 1,
    model: `ada/films/${n}:best`,
    version: n,
    signature: PAIRS,
    replica_sha256: [sha256(REPLICA_TOKEN)],
    ...change,
  };
}

export function testEndpoint(n: number, change: Partial<Endpoint> = {}): Endpoint {
  return {
    id: testId("end", n),
    name: `model-${n}`,
    team: "ada",
    public: false,
    keys: [{ id: testId("key", n), sha256: sha256(KEY), expires_at: null }],
    timeout_ms: 10_000,
    max_queue: 4_096,
    max_body_bytes: 1_000_000,
    bindings: [testBinding(n)],
    ...change,
  };
}

/** The table of one endpoint `model-1`, private, with one binding. */
export function testTable(change: Partial<Endpoint> = {}): RouteTable {
  return { version: 1, endpoints: [testEndpoint(1, change)] };
}
