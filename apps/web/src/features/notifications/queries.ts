import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import type { NotificationKind } from "../../api/types.ts";

const PAGE = 50;
const EVERY_MS = 15_000;
const mailKey = ["notifications", "mail"] as const;

/** What happened to the reader's teams' work, newest first, page by page. */
export const useNotifications = () =>
  useInfiniteQuery({
    queryKey: ["notifications", "list"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET("/api/v1/notifications", {
          params: { query: { limit: PAGE, ...(pageParam === null ? {} : { after: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: EVERY_MS,
  });

/** Which kinds the reader gets by mail. */
export const useMailPreferences = () =>
  useQuery({ queryKey: mailKey, queryFn: () => bodyOf(api.GET("/api/v1/notifications/mail")) });

/** Turns mail of a kind on or off. */
export function useSetMail() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ kind, mail }: { kind: NotificationKind; mail: boolean }) =>
      bodyOf(api.PUT("/api/v1/notifications/mail/{kind}", { params: { path: { kind } }, body: { mail } })),
    onSettled: () => client.invalidateQueries({ queryKey: mailKey }),
  });
}
