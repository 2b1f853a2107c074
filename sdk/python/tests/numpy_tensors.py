"""The same as test_tensors with a model that works with numpy. tests/conformance.test.ts runs it."""

from __future__ import annotations

import importlib
import unittest
from typing import Any

import test_tensors

from podium._errors import PodiumError
from podium._tensors import read_rows

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

    def test_lists_of_arrays_become_one(self) -> None:
        rows: list[Any] = [numpy.array([1, 2], dtype="f4"), numpy.array([3, 4], dtype="f4")]
        self.assertEqual(self.write("FP32", [-1, 2], rows), ([2, 2], numpy.stack(rows).tobytes()))


if __name__ == "__main__":
    unittest.main()
