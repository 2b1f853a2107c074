import { type CompetitionDefinition, type CompetitionTexts, DomainError } from "@podium/shared";
import { termsHash } from "../entrants/terms.ts";

/**
 * A page or terms name a file of the organizer's folder; here it must have come with its content.
 * @throws DomainError `invalid_bundle` with every text that has none
 */
export function requireTexts({ pages, terms }: CompetitionDefinition): void {
  const errors = pages.flatMap(({ name, content }, index) =>
    hasText(content) ? [] : [{ path: `pages.${index}.content`, message: `page "${name}" has no text` }],
  );
  if (terms && !hasText(terms.content))
    errors.push({ path: "terms.content", message: "the terms have no text" });
  if (errors.length > 0)
    throw new DomainError(
      "invalid_bundle",
      `${errors.map(({ message }) => message).join("; ")}. Send each text as \`content\` (podium competition create does).`,
      { errors },
    );
}

/** Pages and terms, as everybody may read them. */
export function textsOf({ pages, terms }: CompetitionDefinition): CompetitionTexts {
  const hash = termsHash({ terms });
  return {
    pages: pages.map(({ name, title, content = "" }) => ({ name, title, content })),
    terms: terms && hash ? { content: terms.content ?? "", sha256: hash } : null,
  };
}

const hasText = (content: string | undefined) => content !== undefined && content.trim() !== "";
