import { expect, test } from "bun:test";
import { roundDefinitionSchema } from "@podium/shared";
import { frozenAt, type RoundState, refusalOf, viewOf } from "./view.ts";

const CLOSES = new Date("2026-01-02T12:00:00Z");
const before = new Date("2026-01-02T11:29:59Z");
const frozen = new Date("2026-01-02T11:30:00Z");
const within = new Date("2026-01-02T11:45:00Z");

const round = (state: Partial<RoundState> = {}): RoundState => ({
  definition: roundDefinitionSchema.parse({
    name: "r",
    train: "train",
    inputs: "inputs",
    labels: "labels.csv",
    target_field: "y",
    freeze: "30m",
  }),
  closesAt: CLOSES,
  revealedAt: null,
  revealedRank: null,
  ...state,
});

test("the public board stands still from the freeze on, until the final one is revealed", () => {
  expect(frozenAt(round(), before)).toBeNull();
  expect(frozenAt(round(), within)).toEqual(frozen);
  expect(frozenAt(round(), CLOSES)).toEqual(frozen);
  expect(frozenAt(round({ revealedAt: CLOSES }), CLOSES)).toBeNull();
  expect(frozenAt(round({ closesAt: null }), within)).toBeNull();
});

test("a round that is extended moves its freeze along", () => {
  const later = new Date(CLOSES.getTime() + 3_600_000);
  expect(frozenAt(round({ closesAt: later }), within)).toBeNull();
});

test("all but the organizer see the frozen board, and no time after the freeze", () => {
  expect(viewOf(round(), false, within, {})).toMatchObject({ board: "public", at: frozen });
  expect(viewOf(round(), false, within, { at: new Date(within.getTime() - 1000) }).at).toEqual(frozen);
  expect(viewOf(round(), false, within, { at: before }).at).toEqual(before);
  expect(viewOf(round(), true, within, {})).toMatchObject({ board: "public", at: null, hidden: true });
});

test("the final board is the organizer's until it is revealed, and step by step then", () => {
  expect(() => viewOf(round(), false, CLOSES, { board: "private" })).toThrow("has not been revealed");
  expect(viewOf(round(), true, CLOSES, { board: "private" })).toMatchObject({ fromRank: null, fates: true });
  const partly = round({ revealedRank: 5 });
  expect(viewOf(partly, false, CLOSES, {})).toMatchObject({ board: "private", fromRank: 5, fates: false });
  expect(() => viewOf(partly, false, CLOSES, { board: "private", at: before })).toThrow();
  const whole = round({ revealedAt: CLOSES });
  expect(viewOf(whole, false, CLOSES, {})).toMatchObject({ board: "private", fromRank: null, fates: true });
  expect(viewOf(whole, false, CLOSES, { board: "public" })).toMatchObject({ board: "public", at: null });
});

test("of a time to come there is no board", () => {
  expect(() => viewOf(round(), true, before, { at: within })).toThrow("has not come");
});

test("a board is for everybody, for entrants, or for its organizer", () => {
  expect(refusalOf("everybody", false, false)).toBeNull();
  expect(refusalOf("entrants", false, true)).toBeNull();
  expect(refusalOf("entrants", false, false)?.message).toContain("Join it");
  expect(refusalOf("organizer", false, true)?.code).toBe("forbidden");
  expect(refusalOf("organizer", true, false)).toBeNull();
});
