from __future__ import annotations

from fake_runner import SdkTest


class Failures(SdkTest):
    def test_an_uncaught_exception_is_told_with_its_place_in_the_users_code(self) -> None:
        runner = self.runner()
        (self.code / "network.py").write_text("import json\n\ndef build():\n    json.loads('{')\n")
        done = self.run_script("""
            import podium
            import network
            podium.report(step=1)
            network.build()
        """)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Traceback (most recent call last):", done.stderr)
        (failure,) = runner.of("failure")
        self.assertEqual((failure["error"], failure["location"]), ("JSONDecodeError", "network.py:4"))
        self.assertEqual([frame["type"] for frame in runner.frames], ["report", "failure"])

    def test_a_missing_package_is_to_be_added_to_requirements(self) -> None:
        runner = self.runner()
        self.run_script("""
            import podium
            import surely_not_installed.layers
        """)
        (failure,) = runner.of("failure")
        self.assertEqual(failure["location"], "main.py:2")
        self.assertIn("Add surely_not_installed to requirements.txt", failure["hint"])

    def test_a_missing_file_and_a_long_message(self) -> None:
        runner = self.runner()
        self.run_script(
            """
            import podium
            open("x" * 200 + "/" + "y" * 200 + "/" + "z" * 200)
            """,
            DATASET_PATH="/data/movies",
        )
        (failure,) = runner.of("failure")
        self.assertEqual(len(failure["message"]), 500)
        self.assertIn("/data/movies", failure["hint"])

    def test_a_file_of_the_user_that_does_not_parse(self) -> None:
        runner = self.runner()
        (self.code / "network.py").write_text("def build(:\n")
        self.run_script("""
            import podium
            import network
        """)
        self.assertEqual(runner.of("failure")[0]["location"], "network.py:1")

    def test_a_script_that_exits_by_itself_has_not_failed(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import podium, sys
            podium.report(step=1)
            sys.exit(3)
        """)
        self.assertEqual(done.returncode, 3)
        self.assertEqual([frame["type"] for frame in runner.frames], ["report"])

    def test_a_crash_before_paused_does_not_end_in_predictions(self) -> None:
        runner = self.runner()
        (self.input / "test.csv").write_text("id\n1\n")
        done = self.infer("""
            import podium
            podium.bind(infer=lambda rows: [0 for row in rows])
            raise RuntimeError("no such layer")
        """)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(runner.of("failure")[0]["message"], "no such layer")
        self.assertFalse(self.output.exists())
