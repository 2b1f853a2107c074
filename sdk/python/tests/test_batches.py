from __future__ import annotations

import json
from typing import Any

from fake_runner import FakeRunner, Frame
from serving_case import ServingTest, tensors, texts

SAYS_ITS_ROWS = """
    import time, podium
    def infer(rows):
        print(rows, flush=True)
        if "slow" in rows:
            time.sleep(1)
        return rows
    podium.bind(infer=infer)
    podium.paused()
"""


def batch(number: int, *rows: object, **more: object) -> tuple[Frame, bytes]:
    bodies = [json.dumps(row).encode() for row in rows]
    items = [{"kind": "json", "length": len(body)} for body in bodies]
    return {"type": "batch", "batch": number, "items": items, **more}, b"".join(bodies)


class Batches(ServingTest):
    def statuses(self, runner: FakeRunner, number: int) -> list[int]:
        runner.wait_for(lambda: any(meta["batch"] == number for meta, _ in runner.results))
        (result,) = [meta for meta, _ in runner.results if meta["batch"] == number]
        return [item["status"] for item in result["items"]]

    def test_what_is_cancelled_before_its_batch_begins_is_not_computed(self) -> None:
        runner = self.serve(SAYS_ITS_ROWS)
        runner.send(*batch(1, "slow"))
        runner.send(*batch(2, "a", "b", "c"))
        runner.send(*batch(3, "d"))
        runner.send({"type": "cancel", "batch": 2, "items": [1]})
        runner.send({"type": "cancel", "batch": 3})
        self.assertEqual(self.statuses(runner, 1), [200])
        self.assertEqual(self.statuses(runner, 2), [200, 499, 200])
        self.assertEqual(self.statuses(runner, 3), [499])
        meta, tail = runner.results[1]
        self.assertEqual((tail, meta["items"][1]["length"]), (b'"a""c"', 0))
        done = self.stop(runner)
        self.assertEqual(done.stdout, "['slow']\n['a', 'c']\n", done.stderr)

    def test_everything_that_came_before_a_stop_is_answered(self) -> None:
        runner = self.serve(SAYS_ITS_ROWS)
        runner.send(*batch(1, "slow"))
        for number in (2, 3, 4):
            runner.send(*batch(number, "x" * 100_000))
        self.assertEqual(self.stop(runner).returncode, 0)
        self.assertEqual([meta["batch"] for meta, _ in runner.results], [1, 2, 3, 4])

    def test_a_row_on_which_infer_hangs_fails_alone(self) -> None:
        runner = self.serve("""
            import time, podium
            def infer(rows):
                try:
                    while "hang" in rows:
                        time.sleep(0.01)
                except Exception:
                    pass
                return rows
            podium.bind(infer=infer)
            podium.paused()
        """)
        runner.send(*batch(1, "a", "hang", "b", time_ms=2_000, together_ms=500))
        self.assertEqual(self.statuses(runner, 1), [200, 422, 200])
        self.assertIn("interrupted", runner.results[0][1].decode())
        runner.send(*batch(2, "hang", time_ms=100))
        self.assertEqual(self.statuses(runner, 2), [422])
        self.assertEqual(self.ask(runner, b'"next"'), [(200, "next")])

    def test_odd_errors_and_answers_fail_alone(self) -> None:
        runner = self.serve("""
            import podium
            class Odd(Exception):
                def __str__(self):
                    return "odd: " + "x" * 10_000
            def infer(rows):
                if 1 in rows:
                    raise Odd
                return [float("nan") if row == 2 else object() if row == 3 else row for row in rows]
            podium.bind(infer=infer)
            podium.paused()
        """)
        answers = self.ask(runner, b"0", b"1", b"2", b"3", b"4")
        self.assertEqual([status for status, _ in answers], [200, 422, 422, 422, 200])
        self.assertTrue(answers[1][1]["error"].startswith("Odd: odd: xx"))
        self.assertEqual([answers[0][1], answers[4][1]], [0, 4])


class RequestParameters(ServingTest):
    def ask_with(self, runner: FakeRunner, *asked: tuple[object, dict[str, Any]]) -> list[Any]:
        meta, tail = batch(0, *(row for row, _ in asked))
        items: list[Frame] = [
            {**item, "parameters": json.dumps(own)} for item, (_, own) in zip(meta["items"], asked)
        ]
        return [answer for _, answer in self.ask_items(runner, items, tail)]

    def test_infer_that_names_parameters_gets_those_of_its_batch(self) -> None:
        runner = self.serve("""
            import podium
            def infer(rows, parameters):
                return [[row, parameters.get("scale"), len(rows)] for row in rows]
            podium.bind(infer=infer)
            podium.paused()
        """)
        self.assertEqual(runner.of("ready")[0]["signature"]["parameters"], "shared")
        same = self.ask_with(runner, (1, {"scale": 2**60 + 1}), (2, {"scale": 2**60 + 1}))
        self.assertEqual(same, [[1, 2**60 + 1, 2], [2, 2**60 + 1, 2]])
        other = self.ask_with(runner, (1, {"scale": 2}), (2, {"scale": 3}))
        self.assertEqual(other, [[1, 2, 1], [2, 3, 1]])
        self.assertEqual(self.ask(runner, b"5"), [(200, [5, None, 1])])

    def test_row_parameters_are_one_for_each_row(self) -> None:
        runner = self.serve("""
            import podium
            def infer(rows, *, row_parameters):
                return [[row, own["n"], len(rows)] for row, own in zip(rows, row_parameters)]
            podium.bind(infer=infer)
            podium.paused()
        """)
        self.assertEqual(runner.of("ready")[0]["signature"]["parameters"], "each")
        answers = self.ask_with(runner, (1, {"n": 7}), ([2, 3], {"n": 8}))
        self.assertEqual(answers, [[1, 7, 3], [[2, 8, 3], [3, 8, 3]]])

    def test_a_model_of_single_rows_gets_each_rows_own_and_those_of_its_tensors(self) -> None:
        runner = self.serve("""
            import functools, podium
            def plain(row, parameters):
                return {"row": row, **parameters, "inputs": parameters.inputs}
            @functools.wraps(plain)
            def infer(*args, **kwargs):
                return plain(*args, **kwargs)
            podium.bind(infer=infer, batch=False)
            podium.paused()
        """)
        self.assertEqual(runner.of("ready")[0]["signature"]["parameters"], "each")
        self.assertEqual(
            self.ask_with(runner, (1, {"n": 7}), (2, {"n": 8})),
            [{"row": 1, "n": 7, "inputs": {}}, {"row": 2, "n": 8, "inputs": {}}],
        )
        items, tail = tensors([("t", "BYTES", [1], texts(b"ab"))])
        items[0]["inputs"][0]["parameters"] = '{"language": "en"}'
        ((_, answer),) = self.ask_items(runner, items, tail)
        (text,) = [answer["predictions"][2][4:]]
        self.assertEqual(json.loads(text), {"row": "ab", "inputs": {"t": {"language": "en"}}})

    def test_infer_that_does_not_ask_is_called_as_ever(self) -> None:
        runner = self.serve("""
            import podium
            podium.bind(infer=lambda rows, k=1: [row * k for row in rows])
            podium.paused()
        """)
        self.assertNotIn("parameters", runner.of("ready")[0]["signature"])
        self.assertEqual(self.ask(runner, b"5"), [(200, 5)])
