import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import type { Me } from "../../api/types.ts";
import { navigate } from "../../router/router.tsx";

export const meKey = ["me"] as const;

async function fetchMe(): Promise<Me | null> {
  try {
    return await bodyOf(api.GET("/api/v1/me"));
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) return null;
    throw error;
  }
}

/** Who is logged in; null when nobody is. */
export const useMe = () => useQuery({ queryKey: meKey, queryFn: fetchMe, staleTime: 60_000 });

/** After a log-in: asks who it is, and forgets what was fetched before. */
export async function refetchMe(client: QueryClient): Promise<void> {
  const me = await fetchMe();
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== meKey[0] });
  client.setQueryData(meKey, me);
}

/** Logs out and forgets all that was fetched for the one who left. */
export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/auth/sign-out")),
    onSuccess: () => {
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== meKey[0] });
      navigate("/");
      client.setQueryData(meKey, null);
    },
  });
}

/** Slug of the personal team, which acts where no team is chosen. */
export const personalTeam = (me: Me): string =>
  me.teams.find((team) => team.personal)?.slug ?? me.teams[0]?.slug ?? "";

/** Whether a user may run a competition or administer a team: its owner, one of its admins, or the platform's admin. */
export function mayManage(me: Me, teamSlug: string): boolean {
  if (me.role === "admin") return true;
  return me.teams.some((team) => team.slug === teamSlug && team.role !== "member");
}
