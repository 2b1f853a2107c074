import { type CompetitionDefinition, DomainError } from "@podium/shared";

interface Candidate {
  name: string;
  email: string;
}

/** Whether an address fits one of the patterns, `*@uni.example` or a whole address; case does not matter. */
export function fitsAddress(patterns: readonly string[], email: string): boolean {
  const address = email.toLowerCase();
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted.startsWith("*@") ? address.endsWith(wanted.slice(1)) : address === wanted;
  });
}

/**
 * Who may take part: the team by its name, each of its people by their address, and no more people than allowed. An
 * address is the one that the person signed up with. @throws DomainError `forbidden`, `conflict`
 */
export function requireEligible(
  { name, eligibility, teams }: CompetitionDefinition,
  team: string,
  people: readonly Candidate[],
): void {
  if (eligibility?.teams && !eligibility.teams.includes(team))
    throw new DomainError(
      "forbidden",
      `"${name}" is open to certain teams only, and "${team}" is none of them.`,
    );
  const { emails } = eligibility ?? {};
  const outside = emails ? people.filter(({ email }) => !fitsAddress(emails, email)) : [];
  if (outside.length > 0)
    throw new DomainError(
      "forbidden",
      `"${name}" is open to certain addresses only; not to that of ${namesOf(outside)}.`,
    );
  if (people.length > teams.max_members)
    throw new DomainError(
      "conflict",
      `A team in "${name}" may have ${teams.max_members} members, and "${team}" would have ${people.length}.`,
    );
}

/** Teams stay as they are from this time on. @throws DomainError `conflict` */
export function requireUnlocked({ name, teams }: CompetitionDefinition, team: string, now: Date): void {
  if (teams.locked_at === undefined || new Date(teams.locked_at) > now) return;
  throw new DomainError(
    "conflict",
    `"${team}" takes part in "${name}", where teams stay as they are since ${teams.locked_at}.`,
  );
}

function namesOf(people: readonly Candidate[]): string {
  return people.map(({ name }) => name).join(", ");
}
