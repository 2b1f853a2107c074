import { DomainError } from "@podium/shared";
import type { VersionRow } from "./store.ts";

/**
 * The version of this number, or the newest, of versions that are sorted newest first.
 * @throws DomainError `not_found`, in the words in which the dataset was named
 */
export function chooseVersion(
  versions: readonly VersionRow[],
  number: number | undefined,
  shown: string,
): VersionRow {
  const chosen = number === undefined ? versions[0] : versions.find((each) => each.number === number);
  if (chosen) return chosen;
  const missing = number === undefined ? "version yet" : `version ${number}`;
  throw new DomainError("not_found", `Dataset "${shown}" has no ${missing}.`);
}
