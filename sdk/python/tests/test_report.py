from __future__ import annotations

from fake_runner import Frame, SdkTest, finish


class Report(SdkTest):
    def test_values_arrive_in_order_with_their_steps(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import podium
            for step in range(300):
                podium.report(step=step, train__loss=1 / (step + 1))
            podium.report(summary=True, accuracy=1, note="done", tags=["a"])
        """)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        reports = runner.of("report")
        self.assertEqual([frame["step"] for frame in reports], [*range(300), None])
        self.assertEqual(numbers(reports), list(range(301)))
        self.assertEqual(reports[1]["values"], {"train__loss": 0.5})
        self.assertEqual(reports[-1]["values"], {"accuracy": 1})
        self.assertEqual(reports[-1]["info"], {"note": "done", "tags": '["a"]'})
        self.assertEqual([frame["summary"] for frame in reports[-2:]], [False, True])
        self.assertEqual(runner.hellos[0]["mode"], "train")

    def test_nan_infinity_numpy_like_scalars_and_huge_numbers_are_kept(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import decimal, podium
            class Scalar:
                def item(self):
                    return 0.25
            podium.report(
                a=float("nan"), b=float("inf"), c=-float("inf"), d=Scalar(), e=10**400, f=True,
                g=decimal.Decimal("1.5"), step=Scalar(),
            )
        """)
        self.assertEqual(done.stderr, "")
        values = {"a": "NaN", "b": "Infinity", "c": "-Infinity", "d": 0.25, "e": "Infinity", "f": 1, "g": 1.5}
        self.assertEqual(runner.of("report")[0]["values"], values)
        self.assertEqual(runner.of("report")[0]["step"], 0.25)

    def test_a_wrong_value_is_a_type_error_that_names_it(self) -> None:
        self.runner()
        done = self.run_script("""
            import podium
            class Vector:
                def item(self):
                    raise ValueError("only one element tensors can be converted")
            wrong = [{"a": object()}, {"b": Vector()}, {"c": {1, 2}}, {"step": float("nan")}, {"e" * 251: 1}]
            for values in wrong:
                try:
                    podium.report(**values)
                except TypeError as error:
                    print(error)
        """)
        self.assertEqual(
            [line.split()[0] for line in done.stdout.splitlines()],
            ["a:", "b:", "c:", "step", "e" * 40 + "…:"],
        )

    def test_reporting_goes_on_while_no_runner_answers_and_nothing_is_lost(self) -> None:
        process = self.start("""
            import podium
            for step in range(5000):
                podium.report(step=step, loss=0.5)
            print("trained", flush=True)
        """)
        assert process.stdout is not None
        # The script gets through all of its reports although nobody listens on the socket.
        self.assertEqual(process.stdout.readline(), "trained\n")
        runner = self.runner()
        self.assertEqual(finish(process).returncode, 0)
        self.assertEqual([frame["step"] for frame in runner.of("report")], list(range(5000)))

    def test_what_was_not_acknowledged_is_sent_again_after_a_restart_of_the_runner(self) -> None:
        runner = self.runner()
        runner.acknowledges = False
        process = self.start("""
            import podium
            for step in range(100):
                podium.report(step=step, loss=0.5)
            podium.save("end", save_fn=lambda path: open(path + "/w", "w").close())
        """)
        runner.wait_for(lambda: len(runner.of("report")) == 100)
        runner.stop()
        # The records were on no disk: the new runner knows nothing of them.
        again = self.runner()
        self.assertEqual(finish(process).returncode, 0)
        self.assertEqual([frame["step"] for frame in again.of("report")], list(range(100)))
        self.assertEqual(numbers(again.frames), list(range(101)))

    def test_acknowledged_records_are_not_sent_again(self) -> None:
        runner = self.runner()
        process = self.start("""
            import podium, os, time
            podium.report(step=1)
            podium.save("a", save_fn=lambda path: open(path + "/w", "w").close())
            print("saved", flush=True)
            while not os.path.exists("go"):
                time.sleep(0.01)
            podium.report(step=2)
        """)
        assert process.stdout is not None
        self.assertEqual(process.stdout.readline(), "saved\n")
        runner.stop()
        again = self.runner()
        (self.code / "go").touch()
        self.assertEqual(finish(process).returncode, 0)
        self.assertEqual([frame.get("step") for frame in again.frames], [2])

    def test_a_report_that_the_runner_refuses_is_told_and_forgotten(self) -> None:
        def refuse(frame: Frame) -> Frame | None:
            if frame.get("step") == 1:
                return {"type": "nack", "seq": frame["seq"], "message": "too many names"}
            return None

        self.runner(refuse)
        done = self.run_script("""
            import podium
            podium.report(step=1)
            podium.report(step=2)
        """)
        self.assertEqual(done.returncode, 0)
        self.assertIn("too many names", done.stderr)


class Workers(SdkTest):
    def test_a_forked_worker_reports_over_a_connection_of_its_own(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import multiprocessing, podium
            def work(number):
                podium.report(step=number, worker=1)
            podium.report(step=0)
            context = multiprocessing.get_context("fork")
            workers = [context.Process(target=work, args=(number,)) for number in (1, 2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            podium.report(step=3)
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(frame["step"] for frame in runner.of("report")), [0, 1, 2, 3])
        self.assertEqual(len({frame["pid"] for frame in runner.of("report")}), 3)
        own = [frame for frame in runner.of("report") if frame["step"] in (0, 3)]
        self.assertEqual(numbers(own), [0, 1])

    def test_a_worker_never_takes_over_the_session(self) -> None:
        runner = self.runner()
        (self.input / "rows.jsonl").write_text('{"id": 1}\n')
        done = self.infer("""
            import multiprocessing, podium
            def work():
                podium.report(step=1)
                podium.paused()
            def infer(rows):
                worker = multiprocessing.get_context("fork").Process(target=work)
                worker.start()
                worker.join()
                assert worker.exitcode == 0
                return [0 for row in rows]
            podium.bind(infer=infer)
            podium.paused()
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(runner.of("report")), 1)
        self.assertEqual(self.predictions(), [{"id": 1, "prediction": 0}])


def numbers(frames: list[Frame]) -> list[int]:
    """The frames' numbers, counted from the first."""
    return [frame["seq"] - frames[0]["seq"] for frame in frames]
