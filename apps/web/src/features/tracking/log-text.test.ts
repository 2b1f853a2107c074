import { expect, test } from "bun:test";
import { plainLine } from "./log-text.ts";

test("colour codes don't clutter the log", () => {
  expect(plainLine("\u001b[31merror\u001b[0m: no such file\u001b[K")).toBe("error: no such file");
  expect(plainLine("\u001b]0;title\u0007ready")).toBe("ready");
});

test("a progress bar shows its last drawing", () => {
  expect(plainLine("epoch 1:  10%\repoch 1:  55%\repoch 1: 100%\r\n")).toBe("epoch 1: 100%");
});

test("ordinary text stays as it is, indentation included", () => {
  expect(plainLine("    return [x] # 5% off")).toBe("    return [x] # 5% off");
});
