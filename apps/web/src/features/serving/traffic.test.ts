import { expect, test } from "bun:test";
import type { Binding } from "../../api/types.ts";
import { curlFor, trafficShares } from "./traffic.ts";

const binding = (version: number, weight: number, state: Binding["state"]): Binding => ({
  id: `bnd_${version}`,
  version,
  model: "ada/films/1:best",
  weight,
  state,
  failure: null,
  session_id: "ses_1",
  percent: 0,
  stops_at: null,
  scaling: {
    min_replicas: 1,
    max_replicas: 1,
    target_load: 64,
    scale_down_seconds: 60,
    idle_seconds: 300,
    wanted: 1,
    trouble: null,
  },
  replicas: [],
});

test("traffic is shared by weight among the bindings that live", () => {
  const shares = trafficShares([
    binding(1, 3, "ready"),
    binding(2, 1, "starting"),
    binding(3, 5, "stopped"),
    binding(4, 5, "failed"),
  ]);
  expect(shares.map(({ share }) => share)).toEqual([0.75, 0.25, 0, 0]);
});

test("bindings of weight nought get nothing", () => {
  expect(trafficShares([binding(1, 0, "ready")]).map(({ share }) => share)).toEqual([0]);
});

test("the call to copy has a key only where one is needed", () => {
  expect(curlFor("http://gateway/films", true)).not.toContain("Authorization");
  expect(curlFor("http://gateway/films", false)).toContain("Bearer YOUR_KEY");
});
