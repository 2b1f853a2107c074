"""Tensors in and out of a model's process, as plain lists; with numpy in numpy_tensors."""

from __future__ import annotations

import struct
import sys
import unittest
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from podium._errors import PodiumError
from podium._outputs import write_outputs
from podium._signature import read_signature
from podium._tensors import BadTensor, read_rows

# datatype, struct's letter, two rows that use its range
NUMBERS: list[tuple[str, str, list[Any]]] = [
    ("BOOL", "?", [True, False]),
    ("UINT8", "B", [0, 255]),
    ("UINT16", "H", [0, 65535]),
    ("UINT32", "I", [0, 2**32 - 1]),
    ("UINT64", "Q", [2**53 + 1, 2**64 - 1]),
    ("INT8", "b", [-128, 127]),
    ("INT16", "h", [-32768, 32767]),
    ("INT32", "i", [-(2**31), 2**31 - 1]),
    ("INT64", "q", [-(2**63), 2**53 + 1]),
    ("FP16", "e", [0.5, -65504.0]),
    ("FP32", "f", [0.5, float("inf")]),
    ("FP64", "d", [0.1, -1e300]),
]
BF16 = struct.pack("<2H", 0x3F80, 0xC049)  # 1.0, -3.140625


def signature_of(datatype: str, shape: list[int]) -> Any:
    spec = {"name": "x", "datatype": datatype, "shape": shape}
    return read_signature({"inputs": [spec], "outputs": [spec]}, True)


class Tensors(unittest.TestCase):
    def of_rows(self, values: list[Any]) -> Any:
        """What a model would answer with these values."""
        return values

    def read(self, datatype: str, shape: list[int], data: bytes) -> list[Any]:
        inputs = [{"name": "x", "datatype": datatype, "shape": shape, "length": len(data)}]
        rows = read_rows(inputs, memoryview(data), signature_of(datatype, [-1] * len(shape)))
        return [row.tolist() if hasattr(row, "tolist") else row for row in rows]

    def write(self, datatype: str, shape: list[int], predictions: Any) -> tuple[list[int], bytes]:
        outputs = write_outputs(predictions, signature_of(datatype, shape), True)
        (part,) = outputs.parts
        data = b"".join(outputs.data)
        self.assertEqual((part["name"], part["datatype"], part["length"]), ("x", datatype, len(data)))
        return cast(list[int], part["shape"]), data

    def test_every_datatype_is_exact_both_ways(self) -> None:
        for datatype, letter, values in NUMBERS:
            with self.subTest(datatype):
                data = struct.pack(f"<2{letter}", *values)
                self.assertEqual(self.read(datatype, [2], data), values)
                self.assertEqual(self.write(datatype, [-1], self.of_rows(values)), ([2], data))
                self.assertEqual(self.write(datatype, [-1, 1], self.of_rows(values)), ([2, 1], data))
                self.assertEqual(self.read(datatype, [1, 2], data), [values])
                self.assertEqual(self.write(datatype, [-1, 2], self.of_rows([values])), ([1, 2], data))
                self.assertEqual(self.write(datatype, [-1, 2], []), ([0, 2], b""))

    def test_bf16_is_handed_as_the_number_it_stands_for_and_rounded_to_the_nearest(self) -> None:
        self.assertEqual(self.read("BF16", [2], BF16), [1.0, -3.140625])
        self.assertEqual(self.write("BF16", [-1], self.of_rows([1.0, -3.140625])), ([2], BF16))
        nearest = struct.pack("<4H", 0x3F80, 0x3F82, 0x7F80, 0x7FC0)
        values = [1.00390625, 1.01171875, float("inf"), float("nan")]  # the first two lie halfway
        self.assertEqual(self.write("BF16", [-1], self.of_rows(values)), ([4], nearest))

    def test_elements_of_bytes_are_text_or_what_they_are(self) -> None:
        data = b"".join(struct.pack("<I", len(one)) + one for one in (b"{}", "é".encode(), b"\xff\xd8"))
        rows = self.read("BYTES", [3], data)
        self.assertEqual(rows, ["{}", "é", b"\xff\xd8"])
        self.assertEqual(self.write("BYTES", [-1], rows), ([3], data))
        self.assertEqual(self.write("BYTES", [-1, 3], [rows]), ([1, 3], data))

    def test_outputs_unlike_their_signature_are_errors_that_name_them(self) -> None:
        wrong: list[tuple[str, list[int], list[Any], str]] = [
            ("FP32", [-1, 2], [[1.0, 2.0, 3.0]], r"x has shape \[1, 3\]; its signature declares \[-1, 2\]"),
            ("FP32", [-1, -1], [1.0, 2.0], r"x has shape \[2\]"),
            ("INT64", [-1], [0.5], "x is .*float.*; its signature declares INT64"),
            ("BOOL", [-1], [1], "x is .*int.*; its signature declares BOOL"),
            ("UINT8", [-1], [256], "too large for UINT8"),
            ("UINT8", [-1], [-1], "too large for UINT8"),
            ("FP16", [-1], [1e6], "too large for FP16"),
        ]
        for datatype, shape, values, message in wrong:
            with self.subTest(datatype), self.assertRaisesRegex(PodiumError, message):
                self.write(datatype, shape, self.of_rows(values))
        with self.assertRaisesRegex(PodiumError, "x is .*; its signature declares FP32"):
            self.write("FP32", [-1], ["text"])

    def test_bytes_that_do_not_make_up_the_shape_are_refused(self) -> None:
        for datatype, shape, data in (
            ("FP32", [2], b"1234567"),
            ("BYTES", [1], b"\xff\xff\xff\xff"),
            ("INT8", [], b"1"),
        ):
            with self.subTest(datatype), self.assertRaises(BadTensor):
                self.read(datatype, shape, data)
