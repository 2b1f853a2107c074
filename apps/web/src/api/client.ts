import type { paths } from "@podium/shared/generated/api";
import createClient from "openapi-fetch";
import { ApiError, problemOfBody } from "./problem.ts";

/** The hub's API at the page's own origin; the log-in cookie travels by itself. */
export const api = createClient<paths>({ baseUrl: "/" });

type Outcome<T> = { data?: T; error?: unknown; response: Response };

/** The body of an answer; an answer that reports a problem is thrown as `ApiError`. */
export async function bodyOf<T>(call: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiError(problemOfBody(error, response.status));
  return data as T;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

const MAX_PAGES = 20;

/** All items of a keyset-paged list, up to a bound that keeps a page readable. */
export async function allItems<T>(fetchPage: (after: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await fetchPage(after);
    items.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
  return items;
}
