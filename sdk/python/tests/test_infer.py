from __future__ import annotations

import json
from typing import Any

from fake_runner import SdkTest

ECHO = """
    import podium
    podium.bind(infer=lambda rows: [row["x"] for row in rows])
    podium.paused()
    print("went on to train")
"""


class Infer(SdkTest):
    def test_csv_columns_become_numbers_and_empty_cells_none(self) -> None:
        self.runner()
        (self.input / "test.csv").write_text(
            "id,year,score,title,gap\n007,1999,1.5,a,\n008,2001,,b,\n009,2003,2,7,\n", encoding="utf-8"
        )
        done = self.infer("""
            import podium
            podium.bind(infer=lambda rows: [[row[name] for name in list(row)[1:]] for row in rows])
            podium.paused()
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            self.predictions(),
            [
                {"id": "007", "prediction": [1999, 1.5, "a", None]},
                {"id": "008", "prediction": [2001, None, "b", None]},
                {"id": "009", "prediction": [2003, 2.0, "7", None]},
            ],
        )

    def test_jsonl_rows_go_through_infer_in_chunks_and_the_script_does_not_go_on(self) -> None:
        runner = self.runner()
        rows: list[dict[str, Any]] = [{"key": f"r{number}", "x": number} for number in range(2500)]
        (self.input / "test.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
        done = self.infer(
            """
            import atexit, podium
            def infer(rows):
                print(len(rows))
                return (row.pop("x") / 2 for row in rows)
            podium.bind(infer=infer)
            atexit.register(print, "exit function")
            try:
                podium.paused()
            finally:
                print("went on to train")
            """,
            ID_FIELD="key",
        )
        self.assertEqual((done.returncode, done.stdout), (0, "1000\n1000\n500\n"), done.stderr)
        expected = [{"id": row["key"], "prediction": row["x"] / 2} for row in rows]
        self.assertEqual(self.predictions(), expected)
        self.assertEqual(runner.of("progress")[-1]["done"], 2500)
        self.assertEqual(runner.of("progress")[-1]["total"], 2500)

    def test_one_row_at_a_time_with_batch_false(self) -> None:
        self.runner()
        (self.input / "test.csv").write_text("id,x\n1,2\n2,3\n")
        done = self.infer("""
            import podium
            podium.bind(infer=lambda row: row["x"] * 10, batch=False)
            podium.paused()
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        expected = [{"id": 1, "prediction": 20}, {"id": 2, "prediction": 30}]
        self.assertEqual(self.predictions(), expected)

    def test_a_script_without_paused_is_taken_over_at_its_first_report(self) -> None:
        self.runner()
        (self.input / "test.csv").write_text("id,x\n1,2\n")
        done = self.infer("""
            import podium
            podium.bind(infer=lambda rows: [row["x"] for row in rows])
            podium.report(step=1)
            print("went on to train")
        """)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertEqual(self.predictions(), [{"id": 1, "prediction": 2}])

    def test_a_script_that_calls_nothing_is_taken_over_at_its_end(self) -> None:
        self.runner()
        (self.input / "test.csv").write_text("id,x\n1,2\n")
        done = self.infer("""
            import podium
            podium.bind(infer=lambda rows: [row["x"] for row in rows])
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.predictions(), [{"id": 1, "prediction": 2}])

    def test_the_checkpoint_is_loaded_first(self) -> None:
        self.runner()
        (self.input / "test.csv").write_text("id\n1\n")
        checkpoint = self.socket.parent / "checkpoint"
        checkpoint.mkdir()
        (checkpoint / "w").write_text("9")
        done = self.infer(
            """
            import podium
            state = {}
            podium.bind(
                load=lambda path: state.update(w=int(open(path + "/w").read())),
                infer=lambda rows: [state["w"] for row in rows],
            )
            podium.paused()
            """,
            CHECKPOINT="best",
            CHECKPOINT_PATH=str(checkpoint),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.predictions(), [{"id": 1, "prediction": 9}])

    def test_nan_is_written_so_that_the_scorer_can_name_the_row(self) -> None:
        self.runner()
        (self.input / "test.jsonl").write_text('{"id": 1}\n{"id": 2}\n')
        done = self.infer("""
            import podium
            podium.bind(infer=lambda rows: [float("nan"), {"p": [float("inf"), 1]}])
            podium.paused()
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        predictions = [line["prediction"] for line in self.predictions()]
        self.assertEqual(predictions, ["NaN", {"p": ["Infinity", 1]}])


class InferFailures(SdkTest):
    def failure_of(self, script: str, rows: str = "id,x\n1,2\n2,3\n") -> dict[str, object]:
        runner = self.runner()
        (self.input / "test.csv").write_text(rows)
        done = self.infer(script)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertNotIn("went on", done.stdout)
        self.assertFalse((self.output / "predictions.jsonl").exists())
        (failure,) = runner.of("failure")
        return failure

    def test_a_wrong_number_of_predictions(self) -> None:
        failure = self.failure_of("""
            import podium
            podium.bind(infer=lambda rows: [1])
            podium.paused()
        """)
        self.assertEqual(failure["message"], "infer returned 1 predictions for 2 rows.")
        self.assertIn("one prediction for each", str(failure["hint"]))

    def test_an_answer_that_is_no_list(self) -> None:
        failure = self.failure_of("""
            import podium
            podium.bind(infer=lambda rows: 0.5)
            podium.paused()
        """)
        self.assertEqual(failure["message"], "infer returned a float for 2 rows, not a list.")

    def test_no_infer_bound(self) -> None:
        failure = self.failure_of("""
            import podium
            podium.bind(save=print)
            try:
                podium.paused()
            except BaseException:
                print("went on")
        """)
        self.assertEqual(failure["message"], "No infer function is bound.")
        self.assertIn("podium.bind(infer=…)", str(failure["hint"]))

    def test_a_script_that_binds_nothing_and_ends(self) -> None:
        failure = self.failure_of("import podium")
        self.assertEqual(failure["message"], "No infer function is bound.")

    def test_an_exception_in_infer_names_the_line(self) -> None:
        failure = self.failure_of("""
            import podium
            def infer(rows):
                return [int(row["y"]) for row in rows]
            podium.bind(infer=infer)
            podium.paused()
        """)
        self.assertEqual(failure["error"], "KeyError")
        self.assertEqual(failure["location"], "main.py:3")

    def test_a_prediction_that_is_not_json_names_the_row(self) -> None:
        failure = self.failure_of("""
            import podium
            podium.bind(infer=lambda rows: [1, object()])
            podium.paused()
        """)
        self.assertIn("row 2 (id 2)", str(failure["message"]))

    def test_a_row_without_id(self) -> None:
        failure = self.failure_of(ECHO, "x\n1\n")
        self.assertEqual(failure["message"], "Row 1 of the input has no 'id'.")

    def test_a_ragged_csv(self) -> None:
        failure = self.failure_of(ECHO, "id,x\n1\n")
        self.assertEqual(failure["message"], "test.csv, line 2 has 1 values; the header has 2.")

    def test_a_checkpoint_that_does_not_fit(self) -> None:
        runner = self.runner()
        (self.input / "test.csv").write_text("id\n1\n")
        self.output.mkdir()
        done = self.infer(
            """
            import podium
            def load(path):
                raise RuntimeError("Error(s) in loading state_dict for Net: size mismatch for fc.weight")
            podium.bind(load=load, infer=lambda rows: rows)
            podium.paused()
            """,
            CHECKPOINT="best",
            CHECKPOINT_PATH=str(self.output),
        )
        self.assertEqual(done.returncode, 1)
        (failure,) = runner.of("failure")
        self.assertEqual(failure["location"], "main.py:3")
        self.assertIn("build the same model", failure["hint"])
