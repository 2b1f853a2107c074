from __future__ import annotations

import json
from typing import Any

from fake_runner import FakeRunner, Frame, SdkTest

COUNTER = """
    import podium
    def count(row):
        try:
            for number in range(row["to"]):
                if number == row.get("fail"):
                    raise ValueError("it went wrong")
                yield f"{number} "
        finally:
            print("closed", flush=True)
    def infer(row):
        return row + 1 if isinstance(row, int) else count(row)
    podium.bind(infer=infer, batch=False)
    podium.paused()
"""


class Streams(SdkTest):
    def serve(self, script: str) -> FakeRunner:
        runner = self.runner()
        self.process = self.start(script, MODE="serve")
        runner.wait_for(lambda: len(runner.of("ready")) == 1)
        return runner

    def ask(self, runner: FakeRunner, batch: int, row: Any, stream: bool = True) -> None:
        body = json.dumps(row).encode()
        item: Frame = {"kind": "json", "length": len(body), **({"stream": True} if stream else {})}
        runner.send({"type": "batch", "batch": batch, "items": [item]}, body)

    def result(self, runner: FakeRunner, batch: int) -> tuple[int, bytes]:
        def found() -> list[tuple[Frame, bytes]]:
            return [one for one in runner.results if one[0]["batch"] == batch]

        runner.wait_for(lambda: len(found()) > 0)
        ((meta, body),) = found()
        return meta["items"][0]["status"], body

    def pieces(self, runner: FakeRunner, batch: int) -> list[Any]:
        return [json.loads(body) for meta, body in runner.chunks if meta["batch"] == batch]

    def test_what_a_generator_yields_is_sent_piece_by_piece_and_then_the_result(self) -> None:
        runner = self.serve(COUNTER)
        self.ask(runner, 1, {"to": 3})
        self.assertEqual(self.result(runner, 1), (200, b""))
        self.assertEqual(self.pieces(runner, 1), ["0 ", "1 ", "2 "])
        # Only the first one says how long it took to come.
        first, *others = [meta for meta, _ in runner.chunks if meta["batch"] == 1]
        self.assertGreaterEqual(first["compute_us"], 0)
        self.assertEqual(["compute_us" in meta for meta in others], [False, False])
        self.ask(runner, 2, 41)
        self.assertEqual(self.result(runner, 2), (200, b""))
        self.assertEqual(self.pieces(runner, 2), [42])
        # Who wants it whole gets it whole.
        self.ask(runner, 3, {"to": 3}, stream=False)
        self.assertEqual(self.result(runner, 3), (200, b'"0 1 2 "'))

    def test_streams_take_turns_with_each_other_and_with_batches(self) -> None:
        runner = self.serve(COUNTER)
        endless = 10**12
        self.ask(runner, 1, {"to": endless})
        self.ask(runner, 2, {"to": endless})
        self.ask(runner, 3, 1, stream=False)
        self.assertEqual(self.result(runner, 3), (200, b"2"))
        runner.wait_for(lambda: min(len(self.pieces(runner, 1)), len(self.pieces(runner, 2))) > 3)
        runner.send({"type": "cancel", "batch": 1})
        self.assertEqual(self.result(runner, 1)[0], 200)
        seen = len(self.pieces(runner, 2))
        runner.wait_for(lambda: len(self.pieces(runner, 2)) > seen)
        runner.send({"type": "stop", "reason": "unbound", "grace_ms": 1000})
        output, _ = self.process.communicate(timeout=20)
        self.assertEqual((self.process.returncode, output), (0, "closed\n" * 2))

    def test_an_error_after_some_pieces_is_the_result(self) -> None:
        runner = self.serve(COUNTER)
        self.ask(runner, 1, {"to": 5, "fail": 2})
        status, body = self.result(runner, 1)
        self.assertEqual((status, json.loads(body)), (422, {"error": "ValueError: it went wrong"}))
        self.assertEqual(self.pieces(runner, 1), ["0 ", "1 "])
        runner.send(
            {"type": "batch", "batch": 2, "items": [{"kind": "json", "length": 1, "stream": True}]}, b"{"
        )
        self.assertEqual(self.result(runner, 2)[0], 400)

    def test_streams_end_with_the_connection_and_the_model_serves_on(self) -> None:
        runner = self.serve(COUNTER)
        self.ask(runner, 1, {"to": 10**12})
        runner.wait_for(lambda: len(self.pieces(runner, 1)) > 0)
        runner.stop()
        again = self.runner()
        again.wait_for(lambda: len(again.of("ready")) == 1)
        self.ask(again, 1, 1, stream=False)
        self.assertEqual(self.result(again, 1), (200, b"2"))
        self.assertEqual(self.pieces(again, 1), [])
