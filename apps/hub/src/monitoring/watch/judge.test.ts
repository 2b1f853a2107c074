import { expect, test } from "bun:test";
import { type Finding, judge, type Open } from "./judge.ts";

const now = new Date("2026-01-01T12:00:00Z");
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const finding = (subject: string, lastsMs = 120_000): Finding => ({
  kind: "node.leak",
  subject,
  teamId: null,
  nodeId: "nod_1",
  sessionId: null,
  text: "",
  lastsMs,
});
const open = (subject: string, firstSeenAt: Date, raisedAt: Date | null = null): Open => ({
  id: subject,
  kind: "node.leak",
  subject,
  nodeId: "nod_1",
  firstSeenAt,
  raisedAt,
});
const verdictOf = (alerts: Open[], findings: Finding[], silent = false) => {
  const { begin, raise, clear, forget } = judge(alerts, findings, () => silent, now);
  return {
    begin: begin.map(({ subject }) => subject),
    raise: raise.map(({ alert }) => alert.subject),
    clear: clear.map(({ subject }) => subject),
    forget: forget.map(({ subject }) => subject),
  };
};
const nothing = { begin: [], raise: [], clear: [], forget: [] };

test("what is found begins once, is told once it has lasted, once, and is over when it is found no more", () => {
  expect(verdictOf([], [finding("a"), finding("a")])).toEqual({ ...nothing, begin: ["a"] });
  expect(verdictOf([open("a", ago(1))], [finding("a")])).toEqual(nothing);
  expect(verdictOf([open("a", ago(2))], [finding("a")])).toEqual({ ...nothing, raise: ["a"] });
  expect(verdictOf([open("a", ago(9), ago(7))], [finding("a")])).toEqual(nothing);
  expect(verdictOf([open("a", ago(9), ago(7))], [])).toEqual({ ...nothing, clear: ["a"] });
  expect(verdictOf([open("a", ago(1))], [])).toEqual({ ...nothing, forget: ["a"] });
});

test("of a node that is silent nothing is over", () => {
  expect(verdictOf([open("a", ago(9), ago(7)), open("b", ago(1))], [], true)).toEqual(nothing);
});
