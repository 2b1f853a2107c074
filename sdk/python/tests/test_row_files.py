from __future__ import annotations

import importlib.util
import json
import unittest
from datetime import date
from importlib import import_module
from typing import Any

from fake_runner import SdkTest

HAS_NUMPY = importlib.util.find_spec("numpy") is not None
HAS_PYARROW = importlib.util.find_spec("pyarrow") is not None

ECHO = """
    import podium
    podium.bind(infer=lambda rows: [[row] for row in rows])
    podium.paused()
    print("went on to train")
"""


class RowFiles(SdkTest):
    def lines(self, name: str) -> list[Any]:
        text = (self.output / f"{name}.predictions.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def failure_of(self, script: str = ECHO) -> dict[str, object]:
        runner = self.runner()
        done = self.infer(script, EACH_FILE="1")
        self.assertEqual(done.returncode, 1, done.stdout)
        (failure,) = runner.of("failure")
        return failure

    def test_each_file_of_rows_gets_a_file_of_predictions_in_its_folder(self) -> None:
        runner = self.runner()
        (self.input / "deep" / "er").mkdir(parents=True)
        (self.input / "a.csv").write_text("id,x\n007,1.5\n008,\n")
        (self.input / "a.jsonl").write_text('{"x": 1}\n\n[2]\n"three"\n')
        (self.input / "deep" / "b.JSON").write_text('[1, {"x": 2}]')
        (self.input / "deep" / "er" / "one.json").write_text('{"x": 9}')
        (self.input / "deep" / "empty.csv").write_text("")
        (self.input / "notes.txt").write_text("no rows")
        done = self.infer(ECHO, EACH_FILE="1")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertEqual(self.lines("a.csv"), [[{"id": "007", "x": 1.5}], [{"id": "008", "x": None}]])
        self.assertEqual(self.lines("a.jsonl"), [[{"x": 1}], [[2]], ["three"]])
        self.assertEqual(self.lines("deep/b.JSON"), [[1], [{"x": 2}]])
        self.assertEqual(self.lines("deep/er/one.json"), [[{"x": 9}]])
        self.assertEqual(self.lines("deep/empty.csv"), [])
        written = [path for path in self.output.rglob("*") if path.is_file()]
        self.assertEqual(len(written), 5)
        last = runner.of("progress")[-1]
        self.assertEqual((last["done"], last["total"]), (8, 8))

    def test_rows_go_through_infer_in_chunks_and_no_chunk_spans_files(self) -> None:
        self.runner()
        for name, count in (("a", 1500), ("b", 10)):
            (self.input / f"{name}.jsonl").write_text("".join(f"{number}\n" for number in range(count)))
        done = self.infer(
            """
            import podium
            def infer(rows):
                print(len(rows))
                return rows
            podium.bind(infer=infer)
            podium.paused()
            """,
            EACH_FILE="1",
        )
        self.assertEqual((done.returncode, done.stdout), (0, "1000\n500\n10\n"), done.stderr)
        self.assertEqual(self.lines("a.jsonl"), list(range(1500)))

    @unittest.skipUnless(HAS_NUMPY, "numpy is not installed")
    def test_arrays_are_rows_of_their_first_dimension(self) -> None:
        numpy: Any = import_module("numpy")
        self.runner()
        numpy.save(self.input / "flat.npy", numpy.array([1.5, float("nan")], dtype="float32"))
        numpy.save(self.input / "cube.npy", numpy.arange(8, dtype="uint8").reshape(2, 2, 2))
        done = self.infer(ECHO, EACH_FILE="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.lines("flat.npy"), [[1.5], [None]])
        self.assertEqual(self.lines("cube.npy"), [[[[0, 1], [2, 3]]], [[[4, 5], [6, 7]]]])

    @unittest.skipUnless(HAS_NUMPY, "numpy is not installed")
    def test_python_objects_in_an_array_are_refused(self) -> None:
        numpy: Any = import_module("numpy")
        numpy.save(self.input / "o.npy", numpy.array([{}], dtype=object), allow_pickle=True)
        self.assertIn("o.npy can't be read as an array of numbers", str(self.failure_of()["message"]))

    @unittest.skipUnless(HAS_PYARROW, "pyarrow is not installed")
    def test_parquet_rows_are_records_as_json_has_them(self) -> None:
        pyarrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
        self.runner()
        table = pyarrow.table({"x": [1.5, float("nan")], "on": [date(2026, 1, 2), None], "of": [["a"], []]})
        parquet.write_table(table, self.input / "t.parquet")
        done = self.infer(ECHO, EACH_FILE="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        expected: list[Any] = [
            [{"x": 1.5, "on": "2026-01-02", "of": ["a"]}],
            [{"x": None, "on": None, "of": []}],
        ]
        self.assertEqual(self.lines("t.parquet"), expected)

    @unittest.skipUnless(HAS_PYARROW, "pyarrow is not installed")
    def test_a_broken_parquet_file_is_named(self) -> None:
        (self.input / "t.parquet").write_text("no parquet")
        self.assertIn("t.parquet can't be read as Parquet", str(self.failure_of()["message"]))

    def test_parquet_without_pyarrow_says_where_to_add_it(self) -> None:
        (self.input / "t.parquet").write_bytes(b"PAR1")
        (self.code / "pyarrow.py").write_text("raise ImportError('not here')\n")
        failure = self.failure_of()
        self.assertIn("no pyarrow", str(failure["message"]))
        self.assertIn("requirements.txt", str(failure["hint"]))

    def test_a_dataset_without_rows_hears_which_files_have_some(self) -> None:
        (self.input / "cat.png").write_bytes(b"\x89PNG")
        self.assertIn(".csv, .jsonl, .parquet, .npy", str(self.failure_of()["message"]))

    def test_a_broken_line_is_named(self) -> None:
        (self.input / "deep").mkdir()
        (self.input / "deep" / "a.jsonl").write_text("1\n{\n")
        self.assertIn("deep/a.jsonl, line 2 is not JSON", str(self.failure_of()["message"]))

    def test_a_prediction_that_is_not_json_names_row_and_file(self) -> None:
        (self.input / "a.jsonl").write_text("1\n2\n")
        failure = self.failure_of("""
            import podium
            podium.bind(infer=lambda rows: [1, object()])
            podium.paused()
        """)
        self.assertIn("row 2 of a.jsonl", str(failure["message"]))
