import { expect, test } from "bun:test";
import {
  competitionDefinitionSchema,
  resourcesSchema,
  type SessionFailure,
  sessionFailureSchema,
} from "@podium/shared";
import { inferFault } from "./infer-fault.ts";

const [definition] = competitionDefinitionSchema.parse({
  version: 1,
  name: "films",
  title: "Films",
  metric: { name: "mse" },
  rounds: [
    {
      name: "one",
      train: "train",
      inputs: "inputs",
      labels: "labels.csv",
      target_field: "rating",
      limits: { infer_timeout: "10m", credits: 20 },
    },
  ],
}).rounds;
if (!definition) throw new Error("no round");
const round = { definition, ingestionTree: null };
const checkpoint = { kind: "checkpoint" as const, trial: false };
const resources = resourcesSchema.parse({ memory_bytes: 2 ** 31 });
const session = { state: "failed" as const, failure: null, stopReason: null, timeoutMs: 600_000, resources };
const failed = (code: SessionFailure["code"], more: Partial<SessionFailure> = {}) => ({
  ...session,
  failure: { code, message: "It broke", location: null, hint: null, ...more },
});

test("whatever ends an inference, its entrant hears what to do; only the platform's faults are the platform's", () => {
  const codes = sessionFailureSchema.shape.code.options;
  const faults = codes.map((code) => inferFault(checkpoint, failed(code, { hint: "Do this." }), round));
  for (const { message } of faults)
    expect(message).toMatch(/Do this\.|submit again|Load less|larger batches|Write less/);
  expect(codes.filter((_, index) => faults[index]?.platform)).toEqual(["node_lost", "platform_error"]);
});

test("an exception is told with its place and hint, and on what it was raised", () => {
  const raised = failed("user_error", { message: "KeyError: 'x'", location: "main.py:9", hint: "Name it." });
  expect(inferFault(checkpoint, raised, round)).toEqual({
    code: "model_error",
    message: "Your model failed on the hidden inputs: KeyError: 'x' (at main.py:9). Name it.",
    platform: false,
  });
  expect(inferFault({ kind: "code", trial: true }, raised, round).message).toStartWith(
    "Your code failed on the sample:",
  );
  const ingested = inferFault({ kind: "code", trial: false }, raised, { ...round, ingestionTree: "t" });
  expect(ingested.message).toStartWith("Your code, run by the round's ingestion program, failed");
});

test("limits are told as the round gives them, not as those of a training session", () => {
  expect(
    inferFault(checkpoint, failed("out_of_memory", { hint: "Ask for more memory" }), round).message,
  ).toBe(
    "Your model needed more memory than this round gives, 2048 MiB. Load less at a time: smaller batches, a smaller model.",
  );
  expect(inferFault(checkpoint, failed("timeout"), round).message).toContain(
    "within the 600 s that this round gives",
  );
  const short = { ...failed("timeout"), timeoutMs: 120_000 };
  expect(inferFault(checkpoint, short, round).message).toContain(
    "within the 120 s that were left of your 20 credits for this round",
  );
});

test("a run that ended for want of credit was the team's to pay, or running would be free", () => {
  const unpaid = { ...session, state: "stopped" as const, stopReason: "credits_exhausted" };
  expect(inferFault(checkpoint, unpaid, round)).toMatchObject({ code: "credits_exhausted", platform: false });
});

test("who stopped it: of a submission the platform's people, of a trial run its own team", () => {
  const ended = { ...session, state: "stopped" as const, stopReason: "maintenance" };
  expect(inferFault(checkpoint, ended, round)).toMatchObject({
    message: "The inference was stopped (maintenance). Submit again.",
    platform: true,
  });
  expect(inferFault({ ...checkpoint, trial: true }, ended, round).platform).toBe(false);
});

test("one that ended well without predictions says how to make some", () => {
  const done = { ...session, state: "succeeded" as const };
  expect(inferFault(checkpoint, done, round)).toMatchObject({
    code: "no_predictions",
    message: expect.stringContaining("bind an `infer` function"),
    platform: false,
  });
});
