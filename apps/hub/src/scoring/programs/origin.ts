/** What a session of kind `score` was made for, as its `origin` says: unique, so that it is made once. */
export type ProgramOrigin =
  | { type: "live"; submissionId: string }
  | { type: "rejudging"; rejudgingId: string; submissionId: string };

/** A submission is looked at once per scorer version. */
export const liveOrigin = ({ id, version }: { id: string; version: string }) => `score ${id} ${version}`;

/** A rejudging looks again, even where nothing but luck may have changed. */
export const rejudgingOrigin = (rejudgingId: string, submissionId: string) =>
  `rejudge ${rejudgingId} ${submissionId}`;

export function readOrigin(origin: string | null): ProgramOrigin | null {
  const [what, first, second] = origin?.split(" ") ?? [];
  if (what === "score" && first) return { type: "live", submissionId: first };
  if (what === "rejudge" && first && second)
    return { type: "rejudging", rejudgingId: first, submissionId: second };
  return null;
}
