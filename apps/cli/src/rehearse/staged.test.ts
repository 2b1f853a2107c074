import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import { staged, triesOf } from "./staged.ts";

function definitionWith(limits: Record<string, unknown>) {
  const rounds = [{ name: "r", train: "t", inputs: "i", labels: "l.csv", target_field: "y", limits }];
  const given = { version: 1, name: "films", title: "Films", metric: { name: "mse" }, rounds };
  return competitionDefinitionSchema.parse(given);
}

test("a limit that can be reached is tried as it is; one that is too low or too high becomes one more than is needed", () => {
  const tries = (limits: Record<string, unknown>) => {
    const [round] = definitionWith(limits).rounds;
    return round && triesOf(round, 6);
  };
  expect([{ per_day: 9 }, { total: 8 }, { per_day: 1 }, { per_day: 500 }].map(tries)).toEqual([9, 8, 7, 7]);
});

test("nobody waits between tries, failures cost nothing, and all that scores stays", () => {
  const definition = definitionWith({ per_day: 2, interval: "1h", pending: 1 });
  const copy = staged(definition, 6);
  expect(copy.rounds[0]?.limits).toMatchObject({ per_day: 7, pending: 1, total: 1000 });
  expect(copy.rounds[0]?.limits).not.toHaveProperty("interval");
  expect(copy.failed_submissions.refund).toBe(true);
  expect(copy.metric).toEqual(definition.metric);
});
