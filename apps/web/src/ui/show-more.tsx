import type { ReactNode } from "react";

/** What is known of a list that comes page by page. */
interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage(): unknown;
}

/** The button below such a list, while there is more of it. */
export function ShowMore(props: { of: Pages; small?: boolean; children?: ReactNode }) {
  const { of: pages, small = false, children = "Show more" } = props;
  if (!pages.hasNextPage) return null;
  return (
    <p className="more">
      <button
        type="button"
        className={small ? "button small" : "button"}
        onClick={() => void pages.fetchNextPage()}
        disabled={pages.isFetchingNextPage}
      >
        {children}
      </button>
    </p>
  );
}
