import { type RefObject, useLayoutEffect, useState } from "react";

const NEAR_END_PX = 24;

export interface Following {
  following: boolean;
  /** how many lines there were when the reader paused, or are now */
  end: number;
  pause: () => void;
  resume: () => void;
  scrolled: () => void;
}

/** Keeps a box at its end while lines come in; scrolling up pauses, scrolling to the end resumes. */
export function useFollowing(box: RefObject<HTMLElement | null>, lines: number): Following {
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const following = pausedAt === null;

  // new lines are what moves the end
  useLayoutEffect(() => {
    if (following && lines > 0 && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [box, following, lines]);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    setPausedAt(atEnd ? null : (pausedAt ?? lines));
  };
  return {
    following,
    end: Math.min(pausedAt ?? lines, lines),
    pause: () => setPausedAt(lines),
    resume: () => setPausedAt(null),
    scrolled,
  };
}
