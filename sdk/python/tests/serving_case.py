"""Tests against a served model."""

from __future__ import annotations

import json
import struct
import subprocess
from typing import Any

from fake_runner import FakeRunner, Frame, SdkTest, finish


class ServingTest(SdkTest):
    """A model that serves, asked as the runner asks it."""

    process: subprocess.Popen[str]

    def serve(self, script: str, **variables: str) -> FakeRunner:
        runner = self.runner()
        self.process = self.start(script, MODE="serve", **variables)
        runner.wait_for(lambda: len(runner.of("ready")) == 1)
        return runner

    def ask(self, runner: FakeRunner, *bodies: bytes) -> list[tuple[int, Any]]:
        """(status, decoded answer) of each body, sent as one batch."""
        items: list[Frame] = [{"kind": "json", "length": len(body)} for body in bodies]
        return self.ask_items(runner, items, b"".join(bodies))

    def ask_items(self, runner: FakeRunner, items: list[Frame], tail: bytes) -> list[tuple[int, Any]]:
        number = len(runner.results) + 1
        runner.send({"type": "batch", "batch": number, "items": items}, tail)
        runner.wait_for(lambda: len(runner.results) == number)
        meta, answer = runner.results[-1]
        self.assertEqual(meta["batch"], number)
        answers: list[tuple[int, Any]] = []
        for item in meta["items"]:
            body = answer[: item["length"]]
            answers.append(
                (item["status"], read_outputs(item, body) if "outputs" in item else json.loads(body))
            )
            answer = answer[item["length"] :]
        self.assertEqual(answer, b"")
        return answers

    def stop(self, runner: FakeRunner) -> subprocess.CompletedProcess[str]:
        runner.send({"type": "stop", "reason": "unbound", "grace_ms": 1000})
        return finish(self.process)


def tensors(inputs: list[tuple[str, str, list[int], bytes]]) -> tuple[list[Frame], bytes]:
    specs = [
        {"name": name, "datatype": datatype, "shape": shape, "length": len(data)}
        for name, datatype, shape, data in inputs
    ]
    tail = b"".join(data for _, _, _, data in inputs)
    return [{"kind": "tensors", "length": len(tail), "inputs": specs}], tail


def read_outputs(item: Frame, body: bytes) -> Frame:
    """The tensors of a result by name: (datatype, shape, bytes)."""
    outputs: Frame = {}
    for part in item["outputs"]:
        outputs[part["name"]] = (part["datatype"], part["shape"], body[: part["length"]])
        body = body[part["length"] :]
    assert body == b""
    return outputs


def texts(*elements: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(element)) + element for element in elements)
