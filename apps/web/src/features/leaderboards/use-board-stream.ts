import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Leaderboard } from "../../api/types.ts";
import { spread } from "../../random.ts";
import { leavesOut, replaceFirst } from "./join-pages.ts";
import { boardKey } from "./queries.ts";

const RETRY_MS = 3_000;
/** Thousands watch one board: what each has to fetch for itself is spread over this long. */
const SPREAD_MS = 5_000;

/** Keeps a round's board up to date: its stream brings the first page itself; only what is not on it is fetched. */
export function useBoardStream(name: string, round: string): void {
  const client = useQueryClient();
  useEffect(() => {
    const path = `/api/v1/competitions/${encodeURIComponent(name)}/rounds/${encodeURIComponent(round)}`;
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let fetching: ReturnType<typeof setTimeout> | undefined;

    const take = ({ data }: MessageEvent<string>) => {
      const sent = JSON.parse(data) as Leaderboard;
      const key = boardKey(name, round);
      const known = client.getQueryData<InfiniteData<Leaderboard>>(key);
      const [first, ...others] = known?.pages ?? [];
      if (known) {
        const pages = [replaceFirst(first, sent), ...others];
        client.setQueryData<InfiniteData<Leaderboard>>(key, { ...known, pages });
      }
      if (!known || (others.length === 0 && !leavesOut(first, sent))) return;
      fetching ??= setTimeout(() => {
        fetching = undefined;
        void client.invalidateQueries({ queryKey: key });
      }, spread(SPREAD_MS));
    };
    const connect = () => {
      source = new EventSource(`${path}/leaderboard/stream`);
      source.addEventListener("board", take);
      source.addEventListener("error", () => {
        // EventSource connects again by itself unless the hub answered with an error.
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
      });
    };
    connect();
    return () => {
      clearTimeout(retry);
      clearTimeout(fetching);
      source?.close();
    };
  }, [client, name, round]);
}
