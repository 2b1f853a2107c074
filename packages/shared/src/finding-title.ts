const TITLES: Record<string, string> = {
  duplicate: "The same answers",
  near_duplicate: "Almost the same answers",
  probing: "Submissions that ask about single rows",
};

/** What a finding about fairness is about, for people. */
export const findingTitle = (kind: string): string => TITLES[kind] ?? kind.replaceAll("_", " ");
