import { expect, test } from "bun:test";
import { resourcesSchema } from "@podium/shared";
import { gpuModels } from "./gpu-models.ts";

const HERE = gpuModels(["NVIDIA A100-SXM4-40GB", "NVIDIA A100-SXM4-80GB", "NVIDIA A10", "Tesla T4"]);
const meant = (gpu_model: string | null) => HERE.in(resourcesSchema.parse({ gpus: 1, gpu_model })).gpu_model;

test("a word of a model's name means every model that has it, and none that only begins so", () => {
  expect(meant("A100")).toBe("NVIDIA A100-SXM4-40GB|NVIDIA A100-SXM4-80GB");
  expect(meant("a10")).toBe("NVIDIA A10");
  expect(meant("A100 80GB")).toBe("NVIDIA A100-SXM4-80GB");
  expect(meant("T4 | a10")).toBe("Tesla T4|NVIDIA A10");
});

test("a whole name means that model alone; what no device is called stays as it was said", () => {
  expect(meant("Tesla T4")).toBe("Tesla T4");
  expect(meant("H100|T4")).toBe("H100|Tesla T4");
  expect(meant("A1")).toBe("A1");
  expect(meant("-")).toBe("-");
  expect(meant(null)).toBeNull();
  expect(gpuModels(["A100"]).in(resourcesSchema.parse({ gpus: 1, gpu_model: "A100" })).gpu_model).toBe(
    "A100",
  );
});
