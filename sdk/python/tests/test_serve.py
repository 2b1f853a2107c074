from __future__ import annotations

import json
import struct

from serving_case import ServingTest, tensors, texts

HALVES = """
    import podium
    def infer(rows):
        print(len(rows), flush=True)
        return [row["x"] / 2 for row in rows]
    podium.bind(infer=infer)
    podium.paused()
    print("went on to train")
"""


class Serve(ServingTest):
    def test_a_batch_is_one_call_of_infer_and_a_stop_ends_with_0(self) -> None:
        runner = self.serve(HALVES)
        signature = runner.of("ready")[0]["signature"]
        self.assertEqual(signature["inputs"], [{"name": "rows", "datatype": "BYTES", "shape": [-1]}])
        answers = self.ask(runner, b'{"x": 1}', b'[{"x": 2}, {"x": 3}]', b"[]", '{"x": 5, "y": "é"}'.encode())
        self.assertEqual(answers, [(200, 0.5), (200, [1.0, 1.5]), (200, []), (200, 2.5)])
        ((meta, _),) = runner.results
        self.assertGreaterEqual(meta["compute_us"], 1)
        done = self.stop(runner)
        self.assertEqual((done.returncode, done.stdout), (0, "4\n"), done.stderr)

    def test_only_the_bad_row_fails(self) -> None:
        runner = self.serve("""
            import podium
            def infer(rows):
                # A model may well change its rows; the second attempt must not see that.
                return [10 / row.pop("x") for row in rows]
            podium.bind(infer=infer)
            podium.paused()
        """)
        answers = self.ask(runner, b'{"x": 5}', b'{"x": 0}', b'[{"x": 2}]', b'{"y": 1}')
        self.assertEqual(answers[0], (200, 2.0))
        self.assertEqual(answers[1], (422, {"error": "ZeroDivisionError: division by zero"}))
        self.assertEqual(answers[2], (200, [5.0]))
        self.assertEqual(answers[3], (422, {"error": "KeyError: 'x'"}))
        done = self.stop(runner)
        self.assertIn("ZeroDivisionError", done.stderr)

    def test_bodies_that_are_not_json_are_rejected_alone_and_never_run_into_each_other(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(infer=lambda rows: [str(row) for row in rows])
            podium.paused()
        """)
        bodies = [
            b"[1",
            b"2]",
            b"3,4",
            b'{"a":1',
            b'"b":2}',
            b"",
            b"NaN",
            b" 5 \n",
            b"\xff",
            b'"ok"',
            b"[" * 10**5,
        ]
        statuses = [status for status, _ in self.ask(runner, *bodies)]
        self.assertEqual(statuses, [400, 400, 400, 400, 400, 400, 400, 200, 400, 200, 400])
        self.assertEqual(self.ask(runner, b"1", b"2"), [(200, "1"), (200, "2")])

    def test_answers_of_every_json_kind_arrive_as_they_are(self) -> None:
        runner = self.serve("""
            import podium
            class Array:
                def __init__(self, values):
                    self.values = values
                def tolist(self):
                    return self.values
            known = {"text": "a, b\\n\\"c\\" é", "dict": {"p": [0.5]}, "none": None, "true": True}
            known["array"] = Array([1, 2])
            known["flat"], known["empty"] = {"a": 1, "b": "x, y"}, {}
            known["deep"] = {"a": [{}, []], "b": {"c": 1, "d": 2}}
            podium.bind(infer=lambda rows: Array([known[row] for row in rows]))
            podium.paused()
        """)
        scalars = self.ask(runner, b'"text"', b'"none"', b'"true"', b'"text"')
        self.assertEqual(scalars, [(200, 'a, b\n"c" é'), (200, None), (200, True), (200, 'a, b\n"c" é')])
        self.assertEqual(self.ask(runner, b'"dict"', b'"array"'), [(200, {"p": [0.5]}), (200, [1, 2])])
        flat: dict[str, object] = {"flat": {"a": 1, "b": "x, y"}, "empty": {}}
        flat["deep"] = {"a": [{}, []], "b": {"c": 1, "d": 2}}
        for names in (["flat", "flat"], ["flat", "deep"], ["empty", "flat"], ["dict", "empty", "deep"]):
            answers = self.ask(runner, *(json.dumps(name).encode() for name in names))
            self.assertEqual(answers, [(200, {**flat, "dict": {"p": [0.5]}}[name]) for name in names])

    def test_a_wrong_number_of_predictions_and_nan_are_errors(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(infer=lambda rows: [float("nan")] if rows == ["nan"] else rows[1:] or [0])
            podium.paused()
        """)
        answers = self.ask(runner, b"1", b"[1,2]", b'"nan"')
        self.assertEqual(answers[0], (200, 0))
        self.assertEqual(answers[1], (422, {"error": "infer returned 1 predictions for 2 rows."}))
        self.assertEqual(answers[2][0], 422)
        self.assertIn("NaN", answers[2][1]["error"])

    def test_batch_false_is_handed_one_row(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(infer=lambda row: row["x"] + 1, batch=False)
            podium.paused()
        """)
        self.assertFalse(runner.of("ready")[0]["signature"]["batch"])
        self.assertEqual(self.ask(runner, b'{"x":1}', b'[{"x":2}]', b"{}")[:2], [(200, 2), (200, [3])])

    def test_json_rows_in_a_bytes_tensor(self) -> None:
        runner = self.serve(HALVES)
        rows = [b'{"x": 1}', b'{"x": 4}']
        answers = self.ask_items(runner, *tensors([("rows", "BYTES", [2], texts(*rows))]))
        self.assertEqual(answers, [(200, {"predictions": ("FP64", [2], struct.pack("<2d", 0.5, 2))})])

    def test_numeric_tensors_of_a_declared_signature(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(
                infer=lambda rows: [[sum(row["a"]), row["b"]] for row in rows],
                signature={
                    "inputs": [
                        {"name": "a", "datatype": "FP32", "shape": [-1, 2]},
                        {"name": "b", "datatype": "INT64", "shape": [-1]},
                    ],
                    "outputs": [{"name": "sums", "datatype": "FP32", "shape": [-1, 2]}],
                },
            )
            podium.paused()
        """)
        a, b = struct.pack("<4f", 1, 2, 3, 4), struct.pack("<2q", 5, 6)
        items, tail = tensors([("a", "FP32", [2, 2], a), ("b", "INT64", [2], b)])
        sums = ("FP32", [2, 2], struct.pack("<4f", 3, 5, 7, 6))
        self.assertEqual(self.ask_items(runner, items, tail), [(200, {"sums": sums})])
        for wrong, word in (
            ([("a", "FP32", [2, 2], a)], "inputs are a, b"),
            ([("a", "FP64", [2, 2], a), ("b", "INT64", [2], b)], "FP64"),
            ([("a", "FP32", [1, 2], a), ("b", "INT64", [2], b)], "8 bytes"),
            ([("a", "FP32", [2, 2], a), ("b", "INT64", [1], b[:8])], "first dimension"),
        ):
            (answer,) = self.ask_items(runner, *tensors(wrong))
            self.assertEqual(answer[0], 400)
            self.assertIn(word, answer[1]["error"])

    def test_texts_and_whole_numbers_as_tensors(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(infer=lambda rows: [row.upper() if isinstance(row, str) else row for row in rows])
            podium.paused()
        """)
        (answer,) = self.ask_items(runner, *tensors([("t", "BYTES", [2], texts(b"ab", "é".encode()))]))
        self.assertEqual(answer[1]["predictions"], ("BYTES", [2], texts(b"AB", "É".encode())))
        (answer,) = self.ask_items(runner, *tensors([("n", "UINT8", [3], b"\1\2\3")]))
        self.assertEqual(answer[1]["predictions"], ("INT64", [3], struct.pack("<3q", 1, 2, 3)))
        (answer,) = self.ask_items(runner, *tensors([("t", "BYTES", [2], texts(b"ab"))]))
        self.assertEqual(answer[0], 400)

    def test_after_a_restart_of_the_runner_the_model_is_announced_again_and_answers(self) -> None:
        runner = self.serve(HALVES)
        self.ask(runner, b'{"x": 1}')
        runner.stop()
        again = self.runner()
        again.wait_for(lambda: len(again.of("ready")) == 1)
        self.assertEqual(self.ask(again, b'{"x": 3}'), [(200, 1.5)])
        self.assertEqual(self.stop(again).returncode, 0)

    def test_a_large_batch_passes(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(infer=lambda rows: rows)
            podium.paused()
        """)
        bodies = [json.dumps("x" * 100_000).encode() for _ in range(64)]
        answers = self.ask(runner, *bodies)
        self.assertTrue(all(answer == (200, "x" * 100_000) for answer in answers))

    def test_a_load_that_fails_is_a_failure(self) -> None:
        self.output.mkdir()
        runner = self.runner()
        done = self.run_script(
            """
            import podium
            podium.bind(load=lambda path: open(path + "/weights"), infer=lambda rows: rows)
            podium.paused()
            """,
            MODE="serve",
            CHECKPOINT_PATH=str(self.output),
        )
        self.assertEqual(done.returncode, 1)
        self.assertEqual(runner.of("failure")[0]["error"], "FileNotFoundError")
        self.assertEqual(runner.of("ready"), [])
