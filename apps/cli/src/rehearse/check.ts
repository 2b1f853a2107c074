/** One thing that was looked at; `wrong` stops the contest, `doubtful` is for the organizer to judge. */
export interface Check {
  what: string;
  result: "good" | "doubtful" | "wrong";
  /** what was found and, unless it is good, what to do */
  detail: string;
}

export const good = (what: string, detail: string): Check => ({ what, result: "good", detail });
export const doubtful = (what: string, detail: string): Check => ({ what, result: "doubtful", detail });
export const wrong = (what: string, detail: string): Check => ({ what, result: "wrong", detail });
