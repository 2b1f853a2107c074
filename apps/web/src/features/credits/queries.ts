import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";

const PAGE = 100;
const EVERY_MS = 15_000;

/** A team's credit: available, held, spent, in microcredits. */
export const useBalance = (team: string) =>
  useQuery({
    queryKey: ["credits", team, "balance"],
    queryFn: () => bodyOf(api.GET("/api/v1/teams/{slug}/credits", { params: { path: { slug: team } } })),
    refetchInterval: EVERY_MS,
  });

/** A team's ledger, newest first, page by page. */
export const useLedger = (team: string) =>
  useInfiniteQuery({
    queryKey: ["credits", team, "ledger"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET("/api/v1/teams/{slug}/ledger", {
          params: {
            path: { slug: team },
            query: { limit: PAGE, ...(pageParam === null ? {} : { after: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: EVERY_MS,
  });
