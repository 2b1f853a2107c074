import { DomainError } from "@podium/shared";

export type FileRole = "predictions" | "labels";

/** What is wrong with a file; stable, in the error's `details.reason`. */
export type FileProblem =
  | "not_a_file"
  | "not_text"
  | "not_parseable"
  | "empty_file"
  | "too_large"
  | "too_many_columns"
  | "line_too_long"
  | "missing_column"
  | "duplicate_column"
  | "column_count"
  | "missing_id"
  | "empty_value"
  | "wrong_type"
  | "not_a_number"
  | "not_finite"
  | "out_of_range"
  | "wrong_shape"
  | "text_too_long"
  | "undefined_metric"
  | "duplicate_ids"
  | "unknown_ids"
  | "missing_ids"
  | "too_many_classes"
  | "killed_the_scorer";

const TITLE = { predictions: "The predictions file", labels: "The labels file" } as const;

/**
 * The error of a bad file: `invalid_predictions` is the entrant's to repair, `invalid_bundle` the organizer's.
 * @param rest  the sentence after "The predictions file"; says what to do. Never holds a label's value.
 */
export function fileError(
  role: FileRole,
  reason: FileProblem,
  rest: string,
  details: Record<string, unknown> = {},
) {
  const code = role === "predictions" ? "invalid_predictions" : "invalid_bundle";
  return new DomainError(code, `${TITLE[role]} ${rest}`, { reason, ...details });
}

/** Text from a file, fit for a message: quoted, control characters escaped, at most 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

/** The first few of a list, quoted: `"a", "b", "c" and 4 more`. */
export function quotedList(items: readonly string[], total = items.length, show = 5): string {
  const shown = items.slice(0, show).map(quoted).join(", ");
  const rest = total - Math.min(show, items.length);
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
