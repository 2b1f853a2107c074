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
