import { type QueryClient, useQuery } from "@tanstack/react-query";
import { allItems, api, bodyOf } from "../../api/client.ts";

export const competitionKeys = {
  list: ["competitions"] as const,
  one: (name: string) => ["competition", name] as const,
  entrants: (name: string) => ["competition", name, "entrants"] as const,
  terms: (name: string) => ["competition", name, "terms"] as const,
  merges: (name: string) => ["competition", name, "merges"] as const,
  submissions: (name: string) => ["submissions", name] as const,
};

const PAGE = 100;

export const useCompetitions = () =>
  useQuery({
    queryKey: competitionKeys.list,
    queryFn: () =>
      allItems((after) =>
        bodyOf(
          api.GET("/api/v1/competitions", {
            params: { query: { limit: PAGE, ...(after ? { after } : {}) } },
          }),
        ),
      ),
  });

export const useCompetition = (name: string) =>
  useQuery({
    queryKey: competitionKeys.one(name),
    queryFn: () => bodyOf(api.GET("/api/v1/competitions/{name}", { params: { path: { name } } })),
  });

export const useEntrants = (name: string) =>
  useQuery({
    queryKey: competitionKeys.entrants(name),
    queryFn: () =>
      allItems((after) =>
        bodyOf(
          api.GET("/api/v1/competitions/{name}/entrants", {
            params: { path: { name }, query: { limit: PAGE, ...(after ? { after } : {}) } },
          }),
        ),
      ),
  });

/** Submissions that the reader may see, newest first: those of their teams, for the organizer everybody's. */
export const useSubmissions = (name: string) =>
  useQuery({
    queryKey: competitionKeys.submissions(name),
    queryFn: () =>
      allItems((after) =>
        bodyOf(
          api.GET("/api/v1/competitions/{name}/submissions", {
            params: {
              path: { name },
              query: { limit: PAGE, ...(after ? { after } : {}) },
            },
          }),
        ),
      ),
    select: (items) => items.toSorted((a, b) => Date.parse(b.submitted_at) - Date.parse(a.submitted_at)),
  });

/** What the events of a competition's stream make the page fetch again. */
export function competitionReactions(client: QueryClient, name: string) {
  const refetch = (queryKey: readonly unknown[]) => client.invalidateQueries({ queryKey });
  return {
    leaderboard: () => refetch(["leaderboard", name]),
    submission: () => refetch(competitionKeys.submissions(name)),
    round: () =>
      Promise.all([
        refetch(competitionKeys.one(name)),
        refetch(["leaderboard", name]),
        refetch(competitionKeys.submissions(name)),
      ]),
  };
}
