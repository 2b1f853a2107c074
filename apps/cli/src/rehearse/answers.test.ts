import { expect, test } from "bun:test";
import { competitionDefinitionSchema } from "@podium/shared";
import type { Table } from "../read-table.ts";
import { answerFile } from "./answer-file.ts";
import { answersOf } from "./answers.ts";

const tableOf = (columns: string[], ...rows: string[][]): Table => ({
  columns,
  rows: rows.map((cells, index) => ({
    line: index + 2,
    values: Object.fromEntries(columns.map((column, at) => [column, cells[at]])),
  })),
});
const inputs = tableOf(["id", "x"], ["b", "0"], ["a", "0"], ["c", "0"]);

function answers(metric: Record<string, unknown>, labels: Table | null, columns: unknown[] = []) {
  const rounds = [{ name: "r", train: "t", inputs: "i", labels: "l.csv", target_field: "y" }];
  const given = { version: 1, name: "films", title: "Films", metric, columns, rounds };
  const definition = competitionDefinitionSchema.parse(given);
  const [round] = definition.rounds;
  if (!round) throw new Error("no round");
  return answersOf(definition, round, inputs, labels);
}
const labels = tableOf(["id", "y"], ["a", "1"], ["b", "2"], ["c", "2"]);

test("the labels in the order of the inputs, and zeros, are the answers of a metric of numbers", () => {
  const found = answers({ name: "mse" }, labels);
  expect(answerFile(found, found.perfect ?? new Map())).toBe("id,y\nb,2\na,1\nc,2\n");
  expect(answerFile(found, found.constant)).toBe("id,y\nb,0\na,0\nc,0\n");
  expect(found.numbers).toEqual(["y"]);
});

test("each kind of metric has answers of its own; a column that several read is the first one's", () => {
  const frequent = answers({ name: "accuracy" }, labels);
  expect(frequent.constant).toEqual(new Map([["y", ["2", "2", "2"]]]));
  expect(frequent.numbers).toEqual([]);
  const binary = answers({ name: "roc_auc", positive_label: "2", prediction_field: "p" }, labels);
  expect([binary.perfect?.get("p"), binary.constant.get("p")]).toEqual([
    ["1", "0", "1"],
    ["0.5", "0.5", "0.5"],
  ]);
  const several = answers({ name: "log_loss", classes: ["1", "2"], score_prefix: "q_" }, labels);
  expect(several.perfect).toEqual(
    new Map([
      ["q_1", ["0", "1", "0"]],
      ["q_2", ["1", "0", "1"]],
    ]),
  );
  const both = answers({ name: "mse" }, labels, [{ key: "right", metric: { name: "accuracy" } }]);
  expect(both.constant.get("y")).toEqual(["0", "0", "0"]);
});

test("without labels that can be read there is no right answer; a scorer of one's own is given the target alone", () => {
  expect(answers({ name: "mse" }, null)).toMatchObject({ perfect: null, numbers: ["y"] });
  const custom = { name: "custom", order: "ascending" };
  const parse = () => answers(custom, labels);
  expect(parse).toThrow("there is none");
});

test("a cell with a comma, a quote or a line's end is quoted", () => {
  const cells = new Map([["y", ['a"b', "c,d"]]]);
  expect(answerFile({ idField: "id", ids: ["1", "2\n"] }, cells)).toBe('id,y\n1,"a""b"\n"2\n","c,d"\n');
});
