import { type DatasetSort, DomainError } from "@podium/shared";
import type { Described, Position } from "./store.ts";

/** What a value of each order looks like; the oldest of all times stands for "never". */
const VALUES: Record<DatasetSort, RegExp> = {
  name: /^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}$/,
  size: /^\d{1,16}$/,
  last_access: /^(-infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/,
  created: /^dat_[0-9a-f]{32}$/,
};

/** Where the page that ends with this row is continued, as opaque text. */
export function positionAfter(sort: DatasetSort, row: Described): string {
  const values: Record<DatasetSort, string> = {
    name: `${row.team}/${row.name}`,
    size: String(row.size ?? 0),
    last_access: row.lastAccessAt?.toISOString() ?? "-infinity",
    created: row.id,
  };
  return `${values[sort]}~${row.id}`;
}

/** The position that `positionAfter` gave. @throws DomainError `invalid_request` for any other text */
export function readPosition(sort: DatasetSort, text: string | undefined): Position | null {
  if (text === undefined) return null;
  const [value = "", id = "", ...more] = text.split("~");
  const isTime = sort === "last_access" && value !== "-infinity";
  const fits = VALUES[sort].test(value) && VALUES.created.test(id) && more.length === 0;
  if (!fits || (isTime && Number.isNaN(Date.parse(value))))
    throw new DomainError(
      "invalid_request",
      "after: must be the `next` of the page before, in the same order.",
    );
  return { value, id };
}
