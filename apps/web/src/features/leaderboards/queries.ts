import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";

const PAGE = 100;

/** A round's board, best first; further pages on demand. Live changes refetch every page that is shown. */
export const useLeaderboard = (name: string, round: string) =>
  useInfiniteQuery({
    queryKey: ["leaderboard", name, round],
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
