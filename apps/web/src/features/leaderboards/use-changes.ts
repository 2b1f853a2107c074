import { useEffect, useRef, useState } from "react";
import type { LeaderboardRow } from "../../api/types.ts";
import { type Change, changesBetween } from "./rank-changes.ts";

const SHOWN_MS = 12_000;
const NONE: ReadonlyMap<string, Change> = new Map();

/** Changes since the view before, for some seconds; nothing on the first view. */
export function useChanges(rows: readonly LeaderboardRow[]): ReadonlyMap<string, Change> {
  const before = useRef<readonly LeaderboardRow[] | null>(null);
  const [changes, setChanges] = useState(NONE);

  useEffect(() => {
    const found = before.current === null ? NONE : changesBetween(before.current, rows);
    before.current = rows;
    if (found.size > 0) setChanges(found);
  }, [rows]);

  useEffect(() => {
    if (changes.size === 0) return;
    const timer = setTimeout(() => setChanges(NONE), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [changes]);

  return changes;
}
