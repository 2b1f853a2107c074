import { expect, test } from "bun:test";
import type { Entrant, Me } from "../../api/types.ts";
import { entrantViews } from "./entrant-views.ts";

const entrant = (team: string, state: Entrant["state"] = "active", round = 1): Entrant => ({
  id: `ent_${team}`,
  team,
  round,
  state,
  members: 1,
  merged_into: null,
  agreed: true,
  joined_at: "2026-01-01T12:00:00Z",
});
const teams: Me["teams"] = [
  { id: "tem_1", slug: "ada", role: "owner", personal: true },
  { id: "tem_2", slug: "guests", role: "member", personal: false },
];
const ada: Me = { id: "usr_1", email: "ada@example.org", name: "ada", role: "participant", teams };
const all = [entrant("ada"), entrant("bob"), entrant("late", "active", 2), entrant("gone", "withdrawn")];

test("who leads an entrant may take it out, and propose a merge to those of the same round", () => {
  expect(entrantViews(ada, false, all).map(({ may, proposer }) => [may, proposer])).toEqual([
    ["withdraw", null],
    [null, "ada"],
    [null, null],
    [null, null],
  ]);
  const guest = entrantViews(ada, false, [entrant("guests"), entrant("bob")]);
  expect(guest.every(({ may, proposer }) => may === null && proposer === null)).toBe(true);
});

test("the organizer excludes those who are in and lets in those who are out by that", () => {
  const others = [
    entrant("bob"),
    entrant("eve", "eliminated"),
    entrant("joe", "banned"),
    entrant("kim", "merged"),
  ];
  expect(entrantViews({ ...ada, teams: [] }, true, others).map(({ may }) => may)).toEqual([
    "ban",
    "ban",
    "unban",
    null,
  ]);
});
