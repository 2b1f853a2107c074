import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import { ruleQuery, type SurvivorRule } from "./survivor-rule.ts";

/** As many rows as the board's stream sends. */
const PAGE = 50;

export const boardKey = (name: string, round: string) => ["leaderboard", name, round] as const;

/** A round's board, best first; further pages on demand. Its stream keeps it up to date: see `useBoardStream`. */
export const useLeaderboard = (name: string, round: string) =>
  useInfiniteQuery({
    queryKey: boardKey(name, round),
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET("/api/v1/competitions/{name}/rounds/{round}/leaderboard", {
          params: {
            path: { name, round },
            query: { limit: PAGE, ...(pageParam === null ? {} : { after: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** Who would go on as the board stands now, by the round's rule or another; for the organizer. */
export const useSurvivors = (name: string, round: string, rule: SurvivorRule | null) =>
  useQuery({
    queryKey: ["leaderboard", name, round, "survivors", rule],
    queryFn: () =>
      bodyOf(
        api.GET("/api/v1/competitions/{name}/rounds/{round}/survivors", {
          params: { path: { name, round }, query: ruleQuery(rule) },
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** What is being scored, and what the organizer's scorer waits for; changes of submissions refetch it. */
export const useScoring = (name: string) =>
  useQuery({
    queryKey: ["submissions", name, "scoring"],
    queryFn: () => bodyOf(api.GET("/api/v1/competitions/{name}/scoring", { params: { path: { name } } })),
  });

export const statisticsKey = (name: string) => ["statistics", name] as const;

export const useStatistics = (name: string) =>
  useQuery({
    queryKey: statisticsKey(name),
    queryFn: () => bodyOf(api.GET("/api/v1/competitions/{name}/statistics", { params: { path: { name } } })),
  });

export const useHistory = (name: string, entrant: string, round: string | null) =>
  useQuery({
    queryKey: ["submissions", name, entrant, round],
    queryFn: () =>
      bodyOf(
        api.GET("/api/v1/competitions/{name}/entrants/{entrant}/submissions", {
          params: { path: { name, entrant }, query: round === null ? {} : { round } },
        }),
      ),
  });
