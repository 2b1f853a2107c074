import { expect, test } from "bun:test";
import { wrongDirection } from "./check-direction.ts";

const column = (key: string, sorting: "ascending" | "descending", title = "") =>
  wrongDirection({ key, title, sorting, path: [], precision: undefined, hidden: false, computed: undefined });

test.each(["rmse", "test_mae", "log_loss", "cer", "Error rate"])("%s is better when smaller", (name) => {
  expect(column(name, "ascending")).toBeNull();
  expect(column(name, "descending")).toContain("write asc");
});

test.each(["accuracy", "roc_auc", "f1", "mean-iou"])("%s is better when larger", (name) => {
  expect(column(name, "descending")).toBeNull();
  expect(column("score", "ascending", name)).toContain("write desc");
});

test("a name that says nothing, or two things, is believed", () => {
  for (const name of ["score", "accuracy_loss", "points"]) {
    expect(column(name, "ascending")).toBeNull();
    expect(column(name, "descending")).toBeNull();
  }
});
