from __future__ import annotations

from fake_runner import SdkTest


class OutsideThePlatform(SdkTest):
    def test_every_call_is_harmless_and_silent(self) -> None:
        done = self.run_outside("""
            import podium
            podium.bind(infer=lambda rows: [len(row) for row in rows])
            podium.paused()
            podium.report(step=1, loss=float("nan"), note="hello")
            podium.save("best")
            assert podium.infer(["ab", "c"]) == [2, 1]
            print(podium.IS_ON_PODIUM, podium.MODE, repr(podium.DATASET_PATH), podium.GPUS)
        """)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "False train '' ()\n", ""))

    def test_a_checkpoint_is_saved_in_the_working_folder_and_loaded_again(self) -> None:
        done = self.run_outside("""
            import pathlib, podium
            state = {"weight": 1}
            podium.bind(
                save=lambda path: (pathlib.Path(path) / "w").write_text(str(state["weight"])),
                load=lambda path: state.update(weight=int((pathlib.Path(path) / "w").read_text())),
            )
            podium.save("a/b")
            state["weight"] = 2
            podium.save("a/b")
            podium.save()
            state["weight"] = 3
            podium.load("a/b")
            print(state["weight"])
        """)
        self.assertEqual((done.stdout, done.stderr), ("2\n", ""))
        names = sorted(path.name for path in (self.code / ".podium" / "checkpoints").iterdir())
        self.assertEqual(names, ["a%2Fb", "latest"])

    def test_loading_what_was_never_saved_says_so_and_goes_on(self) -> None:
        done = self.run_outside("""
            import podium
            podium.load("best", load_fn=print)
        """)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("nothing was loaded", done.stderr)

    def test_a_value_that_cannot_be_reported_is_named_even_outside(self) -> None:
        done = self.run_outside("""
            import podium
            podium.report(loss=object())
        """)
        self.assertEqual(done.returncode, 1)
        self.assertIn("TypeError: loss: a value of type object can't be reported", done.stderr)
