import { type QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import { trackingKeys } from "../tracking/queries.ts";
import type { SessionFilter } from "./filter.ts";

export const sessionKeys = {
  list: (filter: SessionFilter) => ["sessions", filter] as const,
  one: (id: string) => ["session", id] as const,
  why: (id: string) => ["session", id, "why"] as const,
  attempts: (id: string) => ["session", id, "attempts"] as const,
};

const PAGE = 50;
const LIST_EVERY_MS = 5_000;

/** Sessions that fit a filter, newest first, page by page; looked at again every few seconds. */
export const useSessions = (filter: SessionFilter) =>
  useInfiniteQuery({
    queryKey: sessionKeys.list(filter),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET("/api/v1/sessions", {
          params: { query: { ...filter, limit: PAGE, ...(pageParam === null ? {} : { after: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: LIST_EVERY_MS,
  });

/** The query of one session, for a page or for several side by side. */
export const sessionQuery = (id: string) => ({
  queryKey: sessionKeys.one(id),
  queryFn: () => bodyOf(api.GET("/api/v1/sessions/{id}", { params: { path: { id } } })),
});

export const useSession = (id: string) => useQuery(sessionQuery(id));

const WHY_EVERY_MS = 10_000;

/** Why a session still waits: its place in the queue, and each node's reason. */
export const useWhy = (id: string) =>
  useQuery({
    queryKey: sessionKeys.why(id),
    queryFn: () => bodyOf(api.GET("/api/v1/sessions/{id}/why", { params: { path: { id } } })),
    refetchInterval: WHY_EVERY_MS,
  });

const LOOK_EVERY_MS = 15_000;

/** Where a session ran, and up to where its records have arrived. */
export const useAttempts = (id: string, waiting: boolean) =>
  useQuery({
    queryKey: sessionKeys.attempts(id),
    queryFn: () => bodyOf(api.GET("/api/v1/sessions/{id}/attempts", { params: { path: { id } } })),
    select: ({ items }) => items,
    refetchInterval: waiting ? LOOK_EVERY_MS : false,
  });

/** What is wrong with a session now. */
export const useAlerts = (id: string) =>
  useQuery({
    queryKey: ["session", id, "alerts"],
    queryFn: () => bodyOf(api.GET("/api/v1/sessions/{id}/alerts", { params: { path: { id } } })),
    select: ({ items }) => items,
    refetchInterval: LOOK_EVERY_MS,
  });

const POINTS = 300;

/** How busy a session's GPUs were over its whole run, with the moment up to which that is. */
export const useSessionSeries = (id: string, waiting: boolean) =>
  useQuery({
    queryKey: ["session", id, "figures"],
    queryFn: async () => {
      const to = new Date(Date.now()).toISOString();
      const params = { path: { id }, query: { points: POINTS } };
      return { to, ...(await bodyOf(api.GET("/api/v1/sessions/{id}/figures", { params }))) };
    },
    refetchInterval: waiting ? LOOK_EVERY_MS : false,
  });

/** What the events of a session's stream make the page fetch again. */
export function sessionReactions(client: QueryClient, id: string) {
  const refetch = (queryKey: readonly unknown[]) => client.refetchQueries({ queryKey, exact: true });
  const recorded = () =>
    Promise.all([
      refetch(trackingKeys.logs(id)),
      refetch(trackingKeys.metrics(id)),
      refetch(trackingKeys.checkpoints(id)),
    ]);
  return {
    // summary values and the last lines come with the records, so both are fetched on either event
    recorded: () => Promise.all([recorded(), refetch(sessionKeys.one(id))]),
    changed: () =>
      Promise.all([
        refetch(sessionKeys.one(id)),
        refetch(sessionKeys.why(id)),
        refetch(sessionKeys.attempts(id)),
        recorded(),
      ]),
  };
}
