import { useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";

const EVERY_MS = 5_000;

export const useNodes = () =>
  useQuery({
    queryKey: ["nodes"],
    queryFn: () => bodyOf(api.GET("/api/v1/nodes")),
    select: ({ items }) => items,
    refetchInterval: EVERY_MS,
  });

/** Figures of the whole cluster: nodes, devices and how many are in use, sessions running and waiting. */
export const useCluster = () =>
  useQuery({
    queryKey: ["cluster"],
    queryFn: () => bodyOf(api.GET("/api/v1/cluster")),
    refetchInterval: EVERY_MS,
  });

const SERIES_EVERY_MS = 30_000;
const POINTS = 300;

/** A node's figures over the last so many milliseconds, with the span that they are of. */
export const useNodeSeries = (name: string, spanMs: number) =>
  useQuery({
    queryKey: ["nodes", name, "figures", spanMs],
    queryFn: async () => {
      const now = Date.now();
      const [from, to] = [new Date(now - spanMs).toISOString(), new Date(now).toISOString()];
      const params = { path: { name }, query: { from, to, points: POINTS } };
      return { from, to, ...(await bodyOf(api.GET("/api/v1/nodes/{name}/figures", { params }))) };
    },
    refetchInterval: SERIES_EVERY_MS,
  });

/** The cluster's figures over the last so many milliseconds, with the span that they are of. */
export const useClusterSeries = (spanMs: number) =>
  useQuery({
    queryKey: ["cluster", "figures", spanMs],
    queryFn: async () => {
      const now = Date.now();
      const [from, to] = [new Date(now - spanMs).toISOString(), new Date(now).toISOString()];
      const query = { from, to, points: POINTS };
      return { from, to, ...(await bodyOf(api.GET("/api/v1/cluster/figures", { params: { query } }))) };
    },
    refetchInterval: SERIES_EVERY_MS,
  });
