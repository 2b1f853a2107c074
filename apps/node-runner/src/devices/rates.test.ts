import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { diskPassed, networkPassed, Rate } from "./rates.ts";

test("a rate is what has passed by the seconds that have; a counter that fell begins anew", () => {
  const rate = new Rate();
  expect(rate.next({ one: 1000, other: 0 }, 1000)).toBeNull();
  expect(rate.next({ one: 3000, other: 500 }, 3000)).toEqual({ one: 1000, other: 250 });
  expect(rate.next({ one: 10, other: 500 }, 4000)).toBeNull();
  expect(rate.next({ one: 20, other: 500 }, 5000)).toEqual({ one: 10, other: 0 });
  expect(rate.next(null, 6000)).toBeNull();
  expect(rate.next({ one: 20, other: 500 }, 6000)).toBeNull();
});

test("traffic is that of cards: loopback, bridges and the sessions' own ends of them count for nothing", () => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0
  eth0: 100 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
enp4s0:  11 1 0 0 0 0 0 0 3 1 0 0 0 0 0 0
docker0: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
veth12: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
`;
  expect(networkPassed(table)).toEqual({ one: 111, other: 10 });
  expect(networkPassed("Inter-|\n    lo: 1 1 0 0 0 0 0 0 1\n")).toBeNull();
});

test("a folder's disk is found by its device number; a folder that is on none has no rates", () => {
  const { dev } = statSync(tmpdir());
  const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
  const line = `${major} ${minor} vda1 1 2 30 4 5 6 70 8 0 9 9`;
  expect(diskPassed(tmpdir(), ` 999 9 sda 1 2 3 4 5 6 7 8\n ${line}\n`)).toEqual({
    one: 30 * 512,
    other: 70 * 512,
  });
  expect(diskPassed(tmpdir(), "")).toBeNull();
});
