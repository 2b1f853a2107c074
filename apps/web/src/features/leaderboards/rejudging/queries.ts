import { useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../../api/client.ts";

/** While submissions are scored again, how far it has come is asked for this often. */
const LOOK_EVERY_MS = 2_000;

/** What refetches the competition refetches these. */
const rejudgingsKey = (name: string, round: string) => ["competition", name, "rejudgings", round] as const;

export const useRejudgings = (name: string, round: string) =>
  useQuery({
    queryKey: rejudgingsKey(name, round),
    queryFn: () =>
      bodyOf(
        api.GET("/api/v1/competitions/{name}/rounds/{round}/rejudgings", {
          params: { path: { name, round } },
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.items.some((each) => each.state === "scoring") ? LOOK_EVERY_MS : false,
  });

/** One of them with whose score and rank would change; known once it is ready. */
export const useRejudging = (name: string, round: string, id: string) =>
  useQuery({
    queryKey: [...rejudgingsKey(name, round), id],
    queryFn: () =>
      bodyOf(api.GET("/api/v1/competitions/{name}/rejudgings/{id}", { params: { path: { name, id } } })),
  });
