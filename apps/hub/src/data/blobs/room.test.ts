import { expect, test } from "bun:test";
import { giveBackRoom, lendRoom } from "./room.ts";

test("what is given back is lent again while something is received, and none is kept when nothing is", () => {
  const [first, second] = [lendRoom(), lendRoom()];
  giveBackRoom(first, true);
  expect(lendRoom()).toBe(first);
  giveBackRoom(second, true);
  expect(first.byteLength).toBeGreaterThan(0);
  giveBackRoom(first, true);
  expect([first.byteLength, second.byteLength]).toEqual([0, 0]);
});

test("what may still be read is neither lent again nor taken from its reader", () => {
  const [failed, other] = [lendRoom().fill(7), lendRoom()];
  giveBackRoom(failed, false);
  const next = lendRoom();
  expect(next).not.toBe(failed);
  for (const room of [next, other]) giveBackRoom(room, true);
  expect(failed.every((byte) => byte === 7)).toBe(true);
});
