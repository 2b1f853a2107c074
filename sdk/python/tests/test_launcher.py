from __future__ import annotations

from fake_runner import SdkTest


class Launcher(SdkTest):
    launcher = ("-m", "podium")

    def test_a_script_runs_as_it_would_by_itself(self) -> None:
        self.runner()
        (self.code / "helper.py").write_text("VALUE = 7\n")
        done = self.run_script("""
            import multiprocessing, pickle, sys
            import helper
            class Thing:
                pass
            def work(queue):
                queue.put(helper.VALUE)
            if __name__ == "__main__":
                pickle.loads(pickle.dumps(Thing()))
                context = multiprocessing.get_context("spawn")
                queue = context.Queue()
                worker = context.Process(target=work, args=(queue,))
                worker.start()
                print(queue.get(), sys.argv, __file__)
                worker.join()
                sys.exit(3)
        """)
        self.assertEqual((done.returncode, done.stdout), (3, "7 ['main.py'] main.py\n"), done.stderr)

    def test_the_platforms_nsml_wins_over_an_uploaded_folder_of_that_name(self) -> None:
        self.runner()
        (self.code / "nsml").mkdir()
        (self.code / "nsml" / "__init__.py").write_text("IS_ON_NSML = 'the uploaded one'\n")
        (self.code / "nsml" / "constants.py").write_text("IS_ON_NSML = 'the uploaded one'\n")
        done = self.run_script("""
            import nsml, nsml.constants
            print(nsml.IS_ON_NSML, nsml.constants.IS_ON_NSML)
        """)
        self.assertEqual(done.stdout, "True True\n", done.stderr)

    def test_a_script_that_does_not_parse_and_imports_nothing_is_told(self) -> None:
        runner = self.runner()
        done = self.run_script("x = 1\nx = = 2\n")
        self.assertEqual(done.returncode, 1)
        (failure,) = runner.of("failure")
        self.assertEqual((failure["error"], failure["location"]), ("SyntaxError", "main.py:2"))

    def test_the_traceback_is_that_of_the_script_alone(self) -> None:
        runner = self.runner()
        done = self.run_script("raise ValueError('no')")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("podium", done.stderr)
        self.assertIn('  File "main.py", line 1, in <module>', done.stderr)
        self.assertEqual(runner.of("failure")[0]["location"], "main.py:1")

    def test_infer_at_the_end_of_the_script_may_start_threads(self) -> None:
        self.runner()
        (self.input / "test.csv").write_text("id,x\n1,2\n")
        done = self.infer("""
            import podium
            from concurrent.futures import ThreadPoolExecutor
            def infer(rows):
                with ThreadPoolExecutor() as pool:
                    return list(pool.map(lambda row: row["x"], rows))
            podium.bind(infer=infer)
        """)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.predictions(), [{"id": 1, "prediction": 2}])
