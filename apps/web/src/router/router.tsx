import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";

const watchers = new Set<() => void>();

function watch(onMove: () => void): () => void {
  watchers.add(onMove);
  window.addEventListener("popstate", onMove);
  return () => {
    watchers.delete(onMove);
    window.removeEventListener("popstate", onMove);
  };
}

/** Where the reader is: path and query of the address. */
export function useLocation(): { path: string; query: URLSearchParams } {
  const address = useSyncExternalStore(watch, () => window.location.pathname + window.location.search);
  const [path = "/", query = ""] = address.split("?", 2);
  return { path, query: new URLSearchParams(query) };
}

/** Goes to an address of this page; `replace` leaves no step to come back to. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const samePath = to.split("?")[0] === window.location.pathname;
  if (options.replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  for (const notify of watchers) notify();
  if (!samePath) window.scrollTo(0, 0);
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string; replace?: boolean };

/** An ordinary link that stays on the page; new tab, middle click and copying the address work as ever. */
export function Link({ to, replace = false, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(to, { replace });
  };
  return <a href={to} onClick={follow} {...rest} />;
}
