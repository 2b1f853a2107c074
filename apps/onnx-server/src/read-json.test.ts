import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { echoModel, sumModel, unaryModel } from "./testing/models.ts";
import { TestServer } from "./testing/test-server.ts";

describe("a model of one input and output, rows of [3]", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = TestServer.of(unaryModel("Neg", ["N", 3]));
    await server.ready();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each([
    [
      "whole tensors by name",
      {
        x: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      {
        y: [
          [-1, -2, -3],
          [-4, -5, -6],
        ],
      },
    ],
    ["a row by name", { x: [1, 2, 3] }, { y: [-1, -2, -3] }],
    ["inputs in a wrapper", { inputs: { x: [[1, 2, 3]] } }, { outputs: { y: [[-1, -2, -3]] } }],
    [
      "a list of rows",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [-1, -2, -3],
        [-4, -5, -6],
      ],
    ],
    ["a list of rows by name", [{ x: [1, 2, 3] }], [[-1, -2, -3]]],
    ["no rows", [], []],
    [
      "a tensor of no rows",
      { x: [] },
      "input 'x' must have shape [-1,3] (-1: any size), not [1,0]: dimension 1 is expected to be 3, got 0",
    ],
  ] as [string, unknown, unknown][])("%s", async (_what, body, expected) => {
    const [answer] = await server.json(body);
    expect(answer).toEqual(typeof expected === "string" ? [400, { error: expected }] : [200, expected]);
  });

  test.each([
    ["{", "the body is not JSON"],
    [{ z: [1, 2, 3] }, "input 'z' is unknown; the model takes 'x'"],
    [{}, "input 'x' is missing; the model takes 'x'"],
    [
      { instances: [[1, 2, 3]] },
      `input 'instances' is unknown; the model takes 'x'; {"instances": […]} goes to /v1/models/NAME:predict`,
    ],
    [
      { inputs: [{ name: "x" }] },
      "input 'inputs' is unknown; the model takes 'x'; a list of inputs goes to /v2/models/NAME/infer",
    ],
    [
      { x: [1, 2] },
      "input 'x' must have shape [-1,3] (-1: any size), not [1,2]: dimension 1 is expected to be 3, got 2",
    ],
    [{ x: [1, 2, "3"] }, `input 'x': element 2 ("3") is not a finite number`],
    [
      {
        x: [
          [1, 2, 3],
          [4, 5],
        ],
      },
      "input 'x': data is nested, but has a list of 2 at depth 2 where shape [2,3] has 3",
    ],
    [
      [
        [1, 2, 3],
        [4, 5],
      ],
      "row 1: input 'x' must have shape [-1,3] (-1: any size), not [1,2]: dimension 1 is expected to be 3, got 2",
    ],
    [
      [1, 2, 3],
      "row 0: input 'x' must have shape [-1,3] (-1: any size), not [1]: 2 dimensions are expected, got 1",
    ],

    [`{"x":[1,2,1e400]}`, /input 'x': element 2/],
  ] as [unknown, string | RegExp][])("%j is 400", async (body, expected) => {
    const [[status, answer] = []] = await server.json(body);
    expect([status, (answer as { error: string }).error]).toEqual([
      400,
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    ]);
  });

  test("lists without end are 400", async () => {
    const [[status] = []] = await server.json(`${"[".repeat(5000)}${"]".repeat(5000)}`);
    expect(status).toBe(400);
  });

  test("of several bodies in one batch a bad one fails alone", async () => {
    const answers = await server.json([[1, 2, 3]], "nothing", { x: [[7, 8, 9]] });
    expect(answers.map(([status]) => status)).toEqual([200, 400, 200]);
    expect(answers[2]?.[1]).toEqual({ y: [[-7, -8, -9]] });
  });
});

test("several inputs and outputs go by name; rows are objects of the outputs", async () => {
  await using server = TestServer.of(sumModel());
  await server.ready();
  const [one, many, missing, bare] = await server.json(
    { a: [1, 2, 3], b: [1, 1, 1] },
    [
      { a: [1, 2, 3], b: [1, 1, 1] },
      { a: [0, 0, 0], b: [1, 1, 1] },
    ],
    [{ a: [1, 2, 3] }],
    [[1, 2, 3]],
  );
  expect(one?.[1]).toEqual({ sum: [2, 3, 4], difference: [0, 1, 2] });
  expect(many?.[1]).toEqual([
    { sum: [2, 3, 4], difference: [0, 1, 2] },
    { sum: [1, 1, 1], difference: [-1, -1, -1] },
  ]);
  expect(missing?.[1]).toEqual({ error: "row 0: input 'b' is missing; the model takes 'a', 'b'" });
  expect(bare?.[1]).toEqual({ error: `row 0: must be an object of the model's inputs "a", "b"` });
});

test("a first dimension of 1 is a row as well; rows are run one by one", async () => {
  await using server = TestServer.of(unaryModel("Neg", [1, 2]));
  await server.ready();
  const answers = await server.json(
    [
      [1, 2],
      [3, 4],
    ],
    { x: [1, 2] },
    { x: [[1, 2]] },
  );
  expect(answers.map(([, answer]) => answer)).toEqual([
    [
      [-1, -2],
      [-3, -4],
    ],
    { y: [-1, -2] },
    { y: [[-1, -2]] },
  ]);
});

test("integers are exact, FP16 and truth values have a JSON form, NaN has none", async () => {
  await using wide = TestServer.of(echoModel(["INT64", "UINT64", "FP16", "BOOL", "BYTES"], ["N"]));
  await wide.ready();
  const row = `{"x_INT64":-9223372036854775808,"x_UINT64":18446744073709551615,"x_FP16":0.5,"x_BOOL":true,"x_BYTES":"é"}`;
  const [answer] = await wide.batch([{ item: { kind: "json" }, bytes: Buffer.from(`[${row}]`) }]);
  expect(answer?.bytes.toString()).toBe(
    `[{"y_INT64":-9223372036854775808,"y_UINT64":18446744073709551615,"y_FP16":0.5,"y_BOOL":true,"y_BYTES":"é"}]`,
  );
  await using root = TestServer.of(unaryModel("Sqrt", ["N"]));
  await root.ready();
  const answers = await root.json([4], [-4]);
  expect(answers).toEqual([
    [200, [2]],
    [
      422,
      {
        error:
          "output 'y': element 0 is NaN, which JSON can't carry; ask for it as bytes, through /v2/models/NAME/infer",
      },
    ],
  ]);
});
