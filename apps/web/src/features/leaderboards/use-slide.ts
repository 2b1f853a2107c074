import { type RefObject, useLayoutEffect, useRef } from "react";

const SLIDE_MS = 450;

/**
 * Lets rows slide from where they were to where they are now. Rows are told apart by `data-key`.
 * Who asked the system for less motion sees them change places at once.
 */
export function useSlide(body: RefObject<HTMLElement | null>, order: string): void {
  const before = useRef(new Map<string, number>());
  // `order` is what makes the rows move
  useLayoutEffect(() => {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const tops = new Map<string, number>();
    for (const row of body.current?.querySelectorAll<HTMLElement>("[data-key]") ?? []) {
      const key = row.dataset["key"] ?? "";
      const top = row.offsetTop;
      tops.set(key, top);
      const was = before.current.get(key);
      if (still || was === undefined || was === top) continue;
      row.animate([{ transform: `translateY(${was - top}px)` }, { transform: "none" }], {
        duration: SLIDE_MS,
        easing: "ease-in-out",
      });
    }
    before.current = tops;
  }, [body, order]);
}
