import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allItems, api, bodyOf } from "../../api/client.ts";

const EVERY_MS = 5_000;
const PAGE = 100;

export const useEndpoints = () =>
  useQuery({
    queryKey: ["endpoints"],
    queryFn: () =>
      allItems((after) =>
        bodyOf(
          api.GET("/api/v1/endpoints", { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } }),
        ),
      ),
    refetchInterval: EVERY_MS,
  });

const POINTS = 300;
const SERIES_EVERY_MS = 15_000;

/** What happened at an endpoint over the last so many milliseconds, with the span that it is of. */
export const useEndpointSeries = (name: string, spanMs: number) =>
  useQuery({
    queryKey: ["endpoint", name, "figures", spanMs],
    queryFn: async () => {
      const now = Date.now();
      const [from, to] = [new Date(now - spanMs).toISOString(), new Date(now).toISOString()];
      const params = { path: { name }, query: { from, to, points: POINTS } };
      return { from, to, ...(await bodyOf(api.GET("/api/v1/endpoints/{name}/figures", { params }))) };
    },
    refetchInterval: SERIES_EVERY_MS,
  });

export const useEndpoint = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name],
    queryFn: () => bodyOf(api.GET("/api/v1/endpoints/{name}", { params: { path: { name } } })),
    refetchInterval: EVERY_MS,
  });

/** Keys that open this endpoint alone. */
export const useEndpointKeys = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name, "keys"],
    queryFn: () => bodyOf(api.GET("/api/v1/endpoints/{name}/keys", { params: { path: { name } } })),
    refetchInterval: SERIES_EVERY_MS,
  });

/** A key as the list has it; its secret is nowhere. */
export type EndpointKey = NonNullable<ReturnType<typeof useEndpointKeys>["data"]>["items"][number];

/** What gateways counted of each version, and how shadows compare. */
export const useVersionFigures = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name, "versions"],
    queryFn: () => bodyOf(api.GET("/api/v1/endpoints/{name}/versions", { params: { path: { name } } })),
    refetchInterval: EVERY_MS,
  });

/** The newest canary, under way or not; null: there never was one. */
export const useNewestRollout = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name, "rollouts"],
    queryFn: async () => {
      const params = { path: { name }, query: { limit: 1 } };
      const { items } = await bodyOf(api.GET("/api/v1/endpoints/{name}/rollouts", { params }));
      return items[0] ?? null;
    },
    refetchInterval: EVERY_MS,
  });

const SHOWN_BATCHES = 20;

/** The latest predictions of whole datasets, newest first. */
export const useBatchInferences = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name, "batches"],
    queryFn: () => {
      const params = { path: { name }, query: { limit: SHOWN_BATCHES } };
      return bodyOf(api.GET("/api/v1/endpoints/{name}/batch-inferences", { params }));
    },
    refetchInterval: EVERY_MS,
  });

const SHOWN_CHANGES = 20;

/** The latest changes of the shares, newest first. */
export const useTrafficChanges = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name, "changes"],
    queryFn: () => {
      const params = { path: { name }, query: { limit: SHOWN_CHANGES } };
      return bodyOf(api.GET("/api/v1/endpoints/{name}/traffic/changes", { params }));
    },
    refetchInterval: EVERY_MS,
  });

/** A write to an endpoint, after which the page fetches all that it may have changed. */
export function useEndpointWrite<Input, Output>(name: string, send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () => client.invalidateQueries({ queryKey: ["endpoint", name] }),
  });
}
