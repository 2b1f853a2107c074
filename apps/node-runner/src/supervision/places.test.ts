import { expect, test } from "bun:test";
import type { Place } from "../executors/executor.ts";
import { hostPath, type SessionPlaces } from "./places.ts";

const place = (name: string): Place => ({ host: `/data/att_1/${name}`, inside: `/${name}`, writable: true });
const places = {
  ...{ code: place("app"), home: place("home/session"), tmp: place("tmp"), output: place("output") },
} as SessionPlaces;

test("a folder of the session's own has a path on the machine", () => {
  expect(hostPath(places, "/tmp/model/best")).toEqual({
    path: "/data/att_1/tmp/model/best",
    root: "/data/att_1/tmp",
  });
  expect(hostPath(places, "/app/../tmp").path).toBe("/data/att_1/tmp");
});

test.each(["/etc", "/tmp/../etc", "/tmpx", "tmp", "", "/loaded/x", "/tmp/../../tmp/../root", "/tmp/a\0b"])(
  "%j is none of them",
  (path) => {
    expect(() => hostPath(places, path)).toThrow("Save into a folder of the session");
  },
);
