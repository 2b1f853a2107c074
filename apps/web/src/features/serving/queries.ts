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

export const useEndpoint = (name: string) =>
  useQuery({
    queryKey: ["endpoint", name],
    queryFn: () => bodyOf(api.GET("/api/v1/endpoints/{name}", { params: { path: { name } } })),
    refetchInterval: EVERY_MS,
  });
