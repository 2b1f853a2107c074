import { expect, test } from "bun:test";
import type { Round } from "../../api/types.ts";
import { chooseRound, standing, takesEntrants } from "./round-choice.ts";

const round = (number: number, name: string, state: Round["state"]): Round => ({
  id: `rnd_${number}`,
  number,
  name,
  title: name,
  state,
  dataset: null,
  opens_at: null,
  closes_at: null,
  opened_at: null,
  closed_at: null,
  paused_at: null,
  accepts: ["checkpoint"],
  sample: false,
  split: null,
  per_day: 20,
  total: 1000,
  commitment: null,
  committed: null,
  labels_replaced: null,
});

test("the running round is shown unless another is asked for", () => {
  const rounds = [round(1, "one", "closed"), round(2, "two", "open"), round(3, "three", "upcoming")];
  expect(chooseRound(rounds, null)?.name).toBe("two");
  expect(chooseRound(rounds, "one")?.name).toBe("one");
  expect(chooseRound(rounds, "no-such-round")?.name).toBe("two");
  expect(standing(rounds)).toEqual({ text: "Round 2 of 3: open", state: "open" });
});

test("a finished competition shows its last round", () => {
  const rounds = [round(1, "one", "closed"), round(2, "two", "closed")];
  expect(chooseRound(rounds, null)?.name).toBe("two");
  expect(standing(rounds).text).toBe("Finished");
});

test("one that has not begun shows its first round", () => {
  const rounds = [round(1, "one", "upcoming"), round(2, "two", "upcoming")];
  expect(chooseRound(rounds, null)?.name).toBe("one");
  expect(standing(rounds).text).toBe("Not open yet");
});

test("teams may join until the first round is over", () => {
  expect(takesEntrants([round(1, "one", "upcoming")])).toBe(true);
  expect(takesEntrants([round(1, "one", "open"), round(2, "two", "upcoming")])).toBe(true);
  expect(takesEntrants([round(1, "one", "closing")])).toBe(false);
  expect(takesEntrants([round(1, "one", "closed"), round(2, "two", "open")])).toBe(false);
  expect(takesEntrants([])).toBe(false);
});
