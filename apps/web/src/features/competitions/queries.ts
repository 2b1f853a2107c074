import { type QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { allItems, api, bodyOf } from "../../api/client.ts";

export const competitionKeys = {
  list: ["competitions"] as const,
  one: (name: string) => ["competition", name] as const,
  entrants: (name: string) => ["competition", name, "entrants"] as const,
  texts: (name: string) => ["competition", name, "texts"] as const,
  history: (name: string) => ["competition", name, "history"] as const,
  terms: (name: string) => ["competition", name, "terms"] as const,
  merges: (name: string) => ["competition", name, "merges"] as const,
  submissions: (name: string) => ["submissions", name] as const,
  /** What changes all submissions changes each of them. */
  submission: (name: string, id: string) => ["submissions", name, id] as const,
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

/** Pages and terms; what refetches the competition refetches them. */
export const useTexts = (name: string) =>
  useQuery({
    queryKey: competitionKeys.texts(name),
    queryFn: () => bodyOf(api.GET("/api/v1/competitions/{name}/pages", { params: { path: { name } } })),
  });

/** What was done to the competition, as far as it concerns the reader, newest first. */
export const useHistory = (name: string) =>
  useInfiniteQuery({
    queryKey: competitionKeys.history(name),
    queryFn: ({ pageParam: after }) =>
      bodyOf(
        api.GET("/api/v1/competitions/{name}/changes", {
          params: { path: { name }, query: { limit: 20, ...(after ? { after } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
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

/** One submission, with when its turn is likely to come: a list says its place alone. */
export const useSubmission = (name: string, id: string) =>
  useQuery({
    queryKey: competitionKeys.submission(name, id),
    queryFn: () => bodyOf(api.GET("/api/v1/submissions/{id}", { params: { path: { id } } })),
  });

/** What the events of a competition's stream make the page fetch again. */
export function competitionReactions(client: QueryClient, name: string) {
  const refetch = (queryKey: readonly unknown[]) => client.invalidateQueries({ queryKey });
  return {
    submission: () => refetch(competitionKeys.submissions(name)),
    round: () =>
      Promise.all([
        refetch(competitionKeys.one(name)),
        refetch(["leaderboard", name]),
        refetch(competitionKeys.submissions(name)),
      ]),
  };
}
