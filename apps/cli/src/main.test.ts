import { expect, test } from "bun:test";
import podiumPackage from "../../../package.json" with { type: "json" };
import { podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

const podium = (...args: string[]) => runPodium(args);

test("a misspelled command is refused with the one that was meant", async () => {
  const { stderr, exitCode } = await podium("submitt");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("podium: unknown command 'submitt'");
  expect(stderr).toContain("Did you mean submit?");
});

test("the version is the package's", async () => {
  const { stdout, exitCode } = await podium("--version");
  expect([exitCode, stdout]).toEqual([0, `${podiumPackage.version}\n`]);
  const { stderr } = await podium("competition", "edit", "no-such-folder", "--version", "1");
  expect(stderr).toContain("no-such-folder");
});

test("a wrong option says what is right", async () => {
  const { stderr, exitCode } = await podium("run", "--memory", "lots");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Say it as 512M or 2G.");
  expect(stderr).toContain("More: podium run --help");
});

test("a missing argument shows how the command is called", async () => {
  const { stderr, exitCode } = await podium("dataset", "pull", "films");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Usage: podium dataset pull [options] <name> <path>");
});

test("half a submission says what to name", async () => {
  const { stderr, exitCode } = await podium("submit", "--predictions", "file.csv");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("Name the competition of the file: -c NAME");
});

test("who is not logged in is told how to", async () => {
  const { stderr, exitCode } = await podium("ps");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^podium: You are not logged in at .* podium login/);
});

test("a hub that can't be reached is named", async () => {
  // Port 9 (discard) has no listener.
  const { stderr, exitCode } = await podium("login", "http://127.0.0.1:9", "--token", "x");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^podium: The hub at http:\/\/127\.0\.0\.1:9 can't be reached/);
});

test("an address that is none is refused", async () => {
  expect((await podium("login", "hub.example", "--token", "x")).stderr).toContain(
    "starts with http:// or https://",
  );
});

test("every command has help", async () => {
  const { stdout } = await podium("--help");
  const names = [...stdout.matchAll(/^ {2}([a-z]+) .*$/gm)].map((match) => match[1] ?? "");
  expect(names).toContain("run");
  expect(names.length).toBeGreaterThan(20);
});
