import { useMutation, useQueryClient } from "@tanstack/react-query";

/** A write to a round, after which the page fetches all that it may have changed. */
export function useRoundWrite<Input>(name: string, send: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["leaderboard", name] }),
        client.invalidateQueries({ queryKey: ["competition", name] }),
      ]),
  });
}
