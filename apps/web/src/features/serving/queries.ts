import { useQuery } from "@tanstack/react-query";
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
