from __future__ import annotations

import signal

from fake_runner import Frame, SdkTest, finish


class Save(SdkTest):
    def test_save_returns_when_the_runner_has_it(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import os, podium
            def save(path):
                with open(os.path.join(path, "weights"), "w") as file:
                    file.write("1")
                print(path)
            podium.bind(save=save)
            podium.save("epoch-1", loss=0.5, broken=float("nan"))
            podium.save(2)
            podium.save()
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        saves = runner.of("save")
        self.assertEqual([frame["name"] for frame in saves[:2]], ["epoch-1", "2"])
        self.assertRegex(saves[2]["name"], r"^\d{8}-\d{6}$")
        self.assertEqual(saves[0]["metrics"], {"loss": 0.5})
        self.assertEqual([path.name for path in saves[0]["kept"].iterdir()], ["weights"])
        # Nothing is left behind of what the runner did not move away.
        self.assertTrue(all(path.startswith(str(self.temporary)) for path in done.stdout.split()))
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_refusal_is_an_error_with_the_runners_words(self) -> None:
        self.runner(lambda frame: {"type": "nack", "seq": frame["seq"], "message": "the disk is full"})
        done = self.run_script("""
            import podium
            try:
                podium.save("best", save_fn=lambda path: open(path + "/w", "w").close())
            except podium.PodiumError as error:
                print(error)
        """)
        self.assertEqual(done.stdout, "the disk is full\n")

    def test_a_save_that_waits_survives_a_restart_of_the_runner(self) -> None:
        runner = self.runner()
        runner.acknowledges = False
        process = self.start("""
            import podium
            podium.save("best", save_fn=lambda path: open(path + "/w", "w").close())
            print("saved")
        """)
        runner.wait_for(lambda: len(runner.of("save")) == 1)
        runner.stop()
        again = self.runner()
        self.assertEqual(finish(process).stdout, "saved\n")
        self.assertEqual([frame["name"] for frame in again.of("save")], ["best"])

    def test_functions_written_for_a_file_path_work(self) -> None:
        runner = self.runner(lambda frame: _loaded(runner.frames, frame))
        done = self.run_script("""
            import pickle, podium
            state = {}
            def save(path):
                with open(path, "wb") as file:
                    pickle.dump({"weight": 7}, file)
            def load(path):
                with open(path, "rb") as file:
                    state.update(pickle.load(file))
            podium.bind(save, load)
            podium.save("file")
            podium.load("file")
            # numpy.save and friends put a suffix behind the path they are given.
            podium.save("suffix", lambda path: open(path + ".npy", "w").write("8"))
            podium.load("suffix", lambda path: state.update(suffix=open(path + ".npy").read()))
            print(state)
        """)
        self.assertEqual(done.stdout, "{'weight': 7, 'suffix': '8'}\n", done.stderr)

    def test_a_bound_object_is_pickled_and_restored_in_place(self) -> None:
        runner = self.runner(lambda frame: _loaded(runner.frames, frame))
        done = self.run_script("""
            import podium
            class Model:
                weight = 1
            class Net:
                def __init__(self):
                    self.layers = [1]
                def __call__(self, x):
                    return x
                def state_dict(self):
                    return {"layers": list(self.layers)}
                def load_state_dict(self, state):
                    self.layers = state["layers"]
            model, net, extra = Model(), Net(), {"epoch": 3}
            podium.bind({"model": net, "extra": extra})
            podium.save("a")
            net.layers = [9]
            podium.load("a")
            podium.bind(model)
            model.weight = 5
            podium.save("b")
            model.weight = 0
            podium.load("b")
            print(net.layers, model.weight)
        """)
        self.assertEqual(done.stdout, "[1] 5\n", done.stderr)

    def test_a_save_function_that_writes_nothing_is_an_error(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import podium
            podium.save("best", save_fn=lambda path: None)
        """)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(runner.of("failure")[0]["message"], "The save function wrote nothing.")
        self.assertEqual(runner.of("save"), [])


class Load(SdkTest):
    def test_load_asks_for_another_sessions_checkpoint(self) -> None:
        folder = self.output
        folder.mkdir()
        (folder / "weights").write_text("42")
        runner = self.runner(lambda frame: {"type": "loaded", "seq": frame["seq"], "path": str(folder)})
        done = self.run_script("""
            import podium
            podium.load("best", lambda path: print(open(path + "/weights").read()), session="bob/movies/3")
        """)
        self.assertEqual(done.stdout, "42\n", done.stderr)
        asked = runner.of("load")[0]
        self.assertEqual((asked["name"], asked["session"]), ("best", "bob/movies/3"))

    def test_a_session_that_starts_from_a_checkpoint_loads_it_when_paused_and_goes_on(self) -> None:
        self.output.mkdir()
        (self.output / "weights").write_text("42")
        self.runner()
        done = self.run_script(
            """
            import podium
            podium.bind(load=lambda path: print(open(path + "/weights").read()))
            podium.paused()
            podium.paused()
            print("training")
            """,
            CHECKPOINT="preempted",
            CHECKPOINT_PATH=str(self.output),
        )
        self.assertEqual(done.stdout, "42\ntraining\n", done.stderr)


class AskedToSave(SdkTest):
    SCRIPT = """
        import os, podium, time
        podium.bind(save=lambda path: open(path + "/w", "w").close())
        step = 0
        while not os.path.exists("done"):
            podium.report(step=step)
            step += 1
            time.sleep(0.01)
    """

    def test_a_checkpoint_frame_saves_at_the_next_report_and_training_goes_on(self) -> None:
        runner = self.runner()
        process = self.start(self.SCRIPT)
        runner.wait_for(lambda: len(runner.of("report")) > 0)
        runner.send({"type": "checkpoint", "reason": "the budget is nearly used up"})
        runner.wait_for(lambda: len(runner.of("save")) == 1)
        reports = len(runner.of("report"))
        runner.wait_for(lambda: len(runner.of("report")) > reports)
        (self.code / "done").touch()
        done = finish(process)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([frame["name"] for frame in runner.of("save")], ["preempted"])

    def test_after_a_stop_it_saves_and_ends_by_sigterm_with_everything_sent(self) -> None:
        runner = self.runner()
        process = self.start(self.SCRIPT)
        runner.wait_for(lambda: len(runner.of("report")) > 0)
        runner.send({"type": "stop", "reason": "preempted", "grace_ms": 10_000})
        runner.wait_for(lambda: len(runner.of("save")) == 1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(finish(process).returncode, -signal.SIGTERM)
        seqs = [frame["seq"] for frame in runner.frames]
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + len(seqs))))


class NothingToSave(SdkTest):
    def test_a_process_without_a_save_function_says_so_at_once(self) -> None:
        runner = self.runner()
        process = self.start("""
            import time, podium
            podium.report(loss=1)
            time.sleep(60)
        """)
        runner.wait_for(lambda: len(runner.of("report")) == 1)
        runner.send({"type": "stop", "reason": "paused", "grace_ms": 60_000})
        runner.wait_for(lambda: len(runner.of("nothing_to_save")) == 1)
        process.kill()

    def test_interrupted_work_without_a_load_function_begins_anew(self) -> None:
        self.runner()
        script = """
            import podium
            podium.bind(save=lambda path: None)
            podium.paused()
            print("trains")
        """
        checkpoint = {"CHECKPOINT": "preempted", "CHECKPOINT_PATH": str(self.input)}
        resumed = self.run_script(script, RESUMES="1", **checkpoint)
        self.assertEqual((resumed.returncode, resumed.stdout), (0, "trains\n"))
        self.assertIn("begins anew", resumed.stderr)
        forked = self.run_script(script, **checkpoint)
        self.assertEqual((forked.returncode, forked.stdout), (1, ""))


def _loaded(frames: list[Frame], frame: Frame) -> Frame | None:
    """Answers `load` with the folder of the save of that name."""
    if frame["type"] != "load":
        return None
    kept = [saved["kept"] for saved in frames if saved["type"] == "save" and saved["name"] == frame["name"]]
    return {"type": "loaded", "seq": frame["seq"], "path": str(kept[-1])}
