import { useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../../api/client.ts";

export const teamKeys = {
  members: (slug: string) => ["team", slug, "members"] as const,
  invitations: (slug: string) => ["team", slug, "invitations"] as const,
  own: ["invitations"] as const,
};

export const useMembers = (slug: string) =>
  useQuery({
    queryKey: teamKeys.members(slug),
    queryFn: async () =>
      (await bodyOf(api.GET("/api/v1/teams/{slug}/members", { params: { path: { slug } } }))).items,
  });

/** Invitations of a team, newest first. */
export const useTeamInvitations = (slug: string) =>
  useQuery({
    queryKey: teamKeys.invitations(slug),
    queryFn: async () =>
      (await bodyOf(api.GET("/api/v1/teams/{slug}/invitations", { params: { path: { slug } } }))).items,
  });

/** Invitations that wait for the reader's answer. */
export const useOwnInvitations = () =>
  useQuery({
    queryKey: teamKeys.own,
    queryFn: async () => (await bodyOf(api.GET("/api/v1/invitations"))).items,
  });
