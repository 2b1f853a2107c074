import { type CompetitionDefinition, DomainError } from "@podium/shared";
import { sha256 } from "../../platform/secrets.ts";
import type { CompetitionRow, EntrantRow } from "../store.ts";

/** What an entrant agrees to, by the SHA-256 of its text in UTF-8; null: there is nothing to agree to. */
export function termsHash({ terms }: Pick<CompetitionDefinition, "terms">): string | null {
  return terms ? sha256(terms.content ?? "") : null;
}

/** Whether an entrant has agreed to the terms as they are now. */
export function hasAgreed(
  definition: CompetitionDefinition,
  entrant: Pick<EntrantRow, "termsHash">,
): boolean {
  const current = termsHash(definition);
  return current === null || current === entrant.termsHash;
}

/** @throws DomainError `conflict` when `given` is not the hash of the terms as they are now */
export function requireAgreement({ name, definition }: CompetitionRow, given: string | undefined): void {
  const current = termsHash(definition);
  if (current === null || given === current) return;
  const read = `Read them (podium competition terms ${name}, or its page) and join with the SHA-256 of what you agree to.`;
  throw new DomainError(
    "conflict",
    given === undefined
      ? `"${name}" has terms to agree to. ${read}`
      : `These are not the terms of "${name}" as they are now. ${read}`,
    { terms: current },
  );
}

/** Who agreed to an earlier edition is asked again before the next submission. @throws DomainError `conflict` */
export function requireTermsKept(
  { name, definition }: CompetitionRow,
  entrant: EntrantRow,
  team: string,
): void {
  if (hasAgreed(definition, entrant)) return;
  throw new DomainError(
    "conflict",
    `The terms of "${name}" have changed since team "${team}" agreed to them. Read them and agree again: podium competition join ${name} --team ${team}.`,
    { terms: termsHash(definition) },
  );
}
