"""The same as test_tensors with a model that works with numpy. tests/conformance.test.ts runs it."""

from __future__ import annotations

import importlib
import unittest
from typing import Any

import test_tensors

from podium._answers import answer_batch
from podium._batches import Batch
from podium._errors import PodiumError
from podium._model import Model
from podium._tensors import read_rows
from podium._time_limit import TimeLimit

# By its name: where the sources are checked it need not be installed.
numpy: Any = importlib.import_module("numpy")


class NumpyTensors(test_tensors.Tensors):
    def of_rows(self, values: list[Any]) -> Any:
        # numpy's own choice for integers on both sides of 2^63 is FP64.
        is_wide = str(2**64 - 1) in str(values)
        return numpy.array(values, dtype="u8" if is_wide else None)

    def test_lists_of_the_largest_integers_stay_exact(self) -> None:
        values = [2**53 + 1, 2**64 - 1]
        self.assertEqual(self.write("UINT64", [-1], values), ([2], numpy.array(values, dtype="u8").tobytes()))
        with self.assertRaisesRegex(PodiumError, "too large for UINT64"):
            self.write("UINT64", [-1], [-1, 2**64 - 1])

    def test_rows_can_be_written_to_and_outlive_the_connection(self) -> None:
        data = bytearray(b"\1\2\3\4")
        inputs = [{"name": "x", "datatype": "UINT8", "shape": [2, 2], "length": 4}]
        rows = read_rows(inputs, memoryview(data), None)
        data[:] = b"\0\0\0\0"
        rows[0] += 1
        self.assertEqual([row.tolist() for row in rows], [[2, 3], [3, 4]])

    def test_large_rows_are_not_copied_where_they_lie_aligned(self) -> None:
        data = memoryview(bytearray(8 * 100_000 + 8))
        inputs = [{"name": "x", "datatype": "FP64", "shape": [1, 100_000], "length": 800_000}]
        (row,) = read_rows(inputs, data[8:], None)
        self.assertTrue(numpy.shares_memory(row, numpy.frombuffer(data, "u1")))
        (row,) = read_rows(inputs, data[1:-7], None)
        self.assertFalse(numpy.shares_memory(row, numpy.frombuffer(data, "u1")))

    def test_a_model_that_changes_large_rows_and_fails_gets_them_anew(self) -> None:
        seen: list[float] = []

        def infer(rows: list[Any]) -> list[float]:
            for row in rows:
                row += 1
            if len(rows) > 1:
                raise ValueError("one by one")
            seen.append(float(rows[0][0]))
            return [0.0]

        part = {"name": "x", "datatype": "FP32", "shape": [1, 50_000], "length": 200_000}
        items = [{"kind": "tensors", "length": 200_000, "inputs": [part]}] * 2
        tail = memoryview(bytearray(numpy.repeat([1, 2], 50_000).astype("<f4").tobytes()))
        model = Model(None, None, infer, batch=True, signature=None)
        answer_batch(model, Batch({"batch": 1, "items": items}, tail), lambda _: None, TimeLimit())
        self.assertEqual(seen, [2.0, 3.0])

    def test_lists_of_arrays_become_one(self) -> None:
        rows: list[Any] = [numpy.array([1, 2], dtype="f4"), numpy.array([3, 4], dtype="f4")]
        self.assertEqual(self.write("FP32", [-1, 2], rows), ([2, 2], numpy.stack(rows).tobytes()))


if __name__ == "__main__":
    unittest.main()
