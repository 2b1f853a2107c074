import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { LogLine, MetricPoint } from "../../api/types.ts";
import { wholeRecords } from "./whole-records.ts";

const PAGE = 1000;
const POINTS = 5000;
const MAX_PAGES = 200;

export const trackingKeys = {
  logs: (id: string) => ["session", id, "logs"] as const,
  metrics: (id: string) => ["session", id, "metrics"] as const,
  checkpoints: (id: string) => ["session", id, "checkpoints"] as const,
};

export interface Logs {
  items: LogLine[];
  next_seq: number;
  complete: boolean;
}

/** A session's log lines. A refetch asks only for what came since. */
export function useLogs(id: string) {
  const client = useQueryClient();
  const queryKey = trackingKeys.logs(id);
  return useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Logs> => {
      const known = client.getQueryData<Logs>(queryKey) ?? { items: [], next_seq: 0, complete: false };
      if (known.complete) return known;
      return followLogs(id, known, signal);
    },
  });
}

async function followLogs(id: string, known: Logs, signal: AbortSignal): Promise<Logs> {
  const items = [...known.items];
  let { next_seq, complete } = known;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const query = { after_seq: next_seq, limit: PAGE };
    const more = await bodyOf(
      api.GET("/api/v1/sessions/{id}/logs", { params: { path: { id }, query }, signal }),
    );
    items.push(...more.items);
    next_seq = more.next_seq;
    complete = more.complete;
    if (more.items.length < PAGE) break;
  }
  return { items, next_seq, complete };
}

export interface Metrics {
  items: MetricPoint[];
  next_seq: number;
}

/** A session's metric points of every name. A refetch asks only for what came since. */
export function useMetrics(id: string) {
  const client = useQueryClient();
  return useQuery(metricsQuery(client, id));
}

/** The query behind `useMetrics`, for views that follow several sessions. */
export function metricsQuery(client: QueryClient, id: string) {
  const queryKey = trackingKeys.metrics(id);
  return {
    queryKey,
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Metrics> => {
      const known = client.getQueryData<Metrics>(queryKey) ?? { items: [], next_seq: 0 };
      const items = [...known.items];
      let { next_seq } = known;
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const query = { after_seq: next_seq, limit: POINTS };
        const more = await bodyOf(
          api.GET("/api/v1/sessions/{id}/metrics", { params: { path: { id }, query }, signal }),
        );
        const whole = wholeRecords(more.items, POINTS);
        items.push(...whole);
        next_seq = whole.at(-1)?.seq ?? next_seq;
        if (more.items.length < POINTS) break;
      }
      return { items, next_seq };
    },
  };
}

export const useCheckpoints = (id: string) =>
  useQuery({
    queryKey: trackingKeys.checkpoints(id),
    queryFn: () => bodyOf(api.GET("/api/v1/sessions/{id}/checkpoints", { params: { path: { id } } })),
    select: ({ items }) => items,
  });
