import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { DatasetSearch } from "./search.ts";

const PAGE = 50;
const CHANGES_PAGE = 200;
const EVERY_MS = 15_000;

/** Datasets that fit a search, page by page. */
export const useDatasets = (search: DatasetSearch) =>
  useInfiniteQuery({
    queryKey: ["datasets", search],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET("/api/v1/datasets", {
          params: { query: { ...search, limit: PAGE, ...(pageParam === null ? {} : { after: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: EVERY_MS,
  });

export const useDataset = (team: string, name: string) =>
  useQuery({
    queryKey: ["dataset", team, name],
    queryFn: () => bodyOf(api.GET("/api/v1/datasets/{team}/{name}", { params: { path: { team, name } } })),
    refetchInterval: EVERY_MS,
  });

export const useVersions = (team: string, name: string) =>
  useQuery({
    queryKey: ["dataset", team, name, "versions"],
    queryFn: () =>
      bodyOf(api.GET("/api/v1/datasets/{team}/{name}/versions", { params: { path: { team, name } } })),
    select: ({ items }) => items,
    refetchInterval: EVERY_MS,
  });

interface Compared {
  team: string;
  name: string;
  from: number;
  to: number;
}

/** What changed between two versions, page by page. Versions never change, so it is fetched once. */
export const useDiff = ({ team, name, from, to }: Compared) =>
  useInfiniteQuery({
    queryKey: ["dataset", team, name, "diff", from, to],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET("/api/v1/datasets/{team}/{name}/diff", {
          params: {
            path: { team, name },
            query: { from, to, limit: CHANGES_PAGE, ...(pageParam === null ? {} : { after: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY,
  });
