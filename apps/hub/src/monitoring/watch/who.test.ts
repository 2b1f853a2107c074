import { expect, test } from "bun:test";
import { whoOf } from "./who.ts";

const who = (members: number, ...ranks: number[]) =>
  Object.values(whoOf(ranks.map((rank) => ({ name: "ann/films/1", rank, members })))).join(" ");

test("a session is called by its name, of a gang those members are named that are meant", () => {
  expect(who(1, 0)).toBe("ann/films/1 has holds");
  expect(who(3, 2)).toBe("Member 2 of ann/films/1 has holds");
  expect(who(3, 0, 2)).toBe("Members 0, 2 of ann/films/1 have each hold");
  expect(who(2, 0, 1)).toBe("All 2 members of ann/films/1 have each hold");
});
