from __future__ import annotations

from fake_runner import SdkTest

# As contestants of 2018 to 2021 wrote them: flags added by the platform, functions that take only a path,
# scope=locals(), odd names.
SCRIPT = """
    import argparse, os, pickle
    import nsml
    from nsml import DATASET_PATH, HAS_DATASET, IS_ON_NSML, GPU_NUM
    from nsml.constants import SESSION_NAME

    def bind_model(model):
        def save(dirname):
            with open(os.path.join(dirname, "model.pkl"), "wb") as file:
                pickle.dump(model, file)
        def load(path):
            with open(path, "rb") as file:
                nsml.copy(pickle.load(file), model)
        def infer(data, **kwargs):
            return [(1.0, value * model["weight"]) for value in data]
        nsml.bind(save=save, load=load, infer=infer, use_nsml_legacy=False)

    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", type=str, default="train")
    parser.add_argument("--iteration", type=str, default="0")
    parser.add_argument("--pause", type=int, default=0)
    config = parser.parse_args()

    model = {"weight": 0}
    bind_model(model)
    if config.pause:
        nsml.paused(scope=locals())
    if config.mode == "train":
        viz = nsml.Visdom(visdom=None)
        assert viz.line(X=[1], Y=[2], opts={"title": "loss"}) == ""
        for epoch in range(2):
            model["weight"] = epoch + 1
            nsml.report(
                False, step=epoch, epoch_total=2, scope=locals(), **{"train__loss:": 0.5, "train__acc": epoch}
            )
            nsml.report(summary=True, step=epoch, loss=1.0)
            nsml.save(epoch)
        nsml.save(iteration="last")
    print(DATASET_PATH, HAS_DATASET, IS_ON_NSML, GPU_NUM, SESSION_NAME)
"""


class OldScripts(SdkTest):
    def test_trains_unmodified(self) -> None:
        runner = self.runner()
        done = self.run_script(SCRIPT, DATASET_PATH="/data/movies", GPUS="0,1")
        self.assertEqual(done.stdout, "/data/movies True True 2 ann/movies/1\n", done.stderr)
        reports = runner.of("report")
        self.assertEqual(reports[0]["values"], {"epoch_total": 2, "train/loss:": 0.5, "train/acc": 0})
        self.assertEqual([frame["summary"] for frame in reports], [False, True, False, True])
        self.assertEqual([frame["name"] for frame in runner.of("save")], ["0", "1", "last"])

    def test_runs_outside_the_platform(self) -> None:
        done = self.run_outside(SCRIPT)
        self.assertEqual(done.stdout, " False False 0 \n", done.stderr)

    def test_members_of_a_gang_know_each_other(self) -> None:
        script = """
            from nsml import MY_RANK, PARALLEL_PORTS, PARALLEL_WORLD
            print(MY_RANK, PARALLEL_WORLD, PARALLEL_PORTS)
        """
        self.runner()
        members = '[{"address": "10.0.0.7", "port": 29500}, {"address": "10.0.0.8", "port": 29501}]'
        done = self.run_script(script, RANK="1", WORLD="2", MEMBERS=members)
        self.assertEqual(done.stdout, "1 ['10.0.0.7', '10.0.0.8'] [29500, 29501]\n", done.stderr)
        self.assertEqual(self.run_outside(script).stdout, "0 ['127.0.0.1'] []\n")

    def test_submit_feeds_the_organizers_data_loader(self) -> None:
        self.runner()
        checkpoint = self.socket.parent / "checkpoint"
        checkpoint.mkdir()
        self.run_outside("""
            import pickle
            pickle.dump({"weight": 3}, open("model.pkl", "wb"))
        """)
        (self.code / "model.pkl").replace(checkpoint / "model.pkl")
        (self.input / "data_loader.py").write_text(
            "def feed_infer(output_file, infer_func):\n"
            "    with open(output_file, 'w') as file:\n"
            "        file.writelines(f'{value}\\n' for _, value in infer_func([1, 2]))\n"
        )
        # The script's own module of that name must not be mistaken for the organizer's.
        (self.code / "data_loader.py").write_text("def feed_infer(*_): raise SystemExit(9)\n")
        script = SCRIPT.replace(
            "parser.parse_args()", "parser.parse_args(['--mode', 'test', '--pause', '1'])"
        )
        done = self.infer(script, CHECKPOINT="1", CHECKPOINT_PATH=str(checkpoint))
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        self.assertEqual((self.output / "predictions.txt").read_text(), "3\n6\n")

    def test_submit_without_feed_infer_writes_one_prediction_a_line(self) -> None:
        self.runner()
        (self.input / "data_loader.py").write_text("def test_data_loader(root):\n    return [root, 'b']\n")
        done = self.infer(
            """
            import nsml
            nsml.bind(infer=lambda data: [(0.5, text.upper()) for text in data])
            nsml.paused()
            """,
            DATASET_PATH="/data/x",
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.output / "predictions.txt").read_text(), f"{self.input}\nB\n".upper())

    def test_a_data_loader_finds_the_inputs_where_nsml_had_them(self) -> None:
        self.runner()
        (self.input / "test").mkdir()
        (self.input / "test" / "test_data").write_text("a\nb\n")
        (self.input / "data_loader.py").write_text(
            "import os, nsml\n"
            "from nsml import DATASET_PATH\n"
            "def feed_infer(output_file, infer_func):\n"
            "    assert nsml.DATASET_PATH == nsml.constants.DATASET_PATH == DATASET_PATH\n"
            "    with open(output_file, 'w') as file:\n"
            "        for line in open(os.path.join(DATASET_PATH, 'test', 'test_data')):\n"
            "            file.write(f'{infer_func(line.strip())}\\n')\n"
        )
        for name in ("nsml", "podium"):
            script = f"""
                import {name}
                {name}.bind(infer=lambda text: text * 2{", batch=False" if name == "podium" else ""})
                {name}.paused()
            """
            done = self.infer(script, DATASET_PATH="/data/x")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((self.output / "predictions.txt").read_text(), "aa\nbb\n")
            (self.output / "predictions.txt").unlink()

    def test_keywords_of_bind_reach_save_and_cache_runs_once(self) -> None:
        runner = self.runner()
        done = self.run_script("""
            import nsml
            def save(path, **kw):
                print("save", sorted(kw))
                open(path + "/w", "w").close()
            nsml.bind(save, lambda path: None, model=1, epoch=2)
            nsml.save(1)
            def make(output_path, data):
                print("make", data)
                open(output_path[0], "w").close()
            nsml.cache(make, output_path=["./made"], data=5)
            nsml.cache(make, output_path=["./made"], data=6)
            class Box: pass
            box = Box()
            nsml.copy({"a": 1}, box)
            nsml.bind(infer=lambda data: data)
            print(box.a, nsml.infer({"any": "thing"}))
        """)
        expected = "save ['epoch', 'model']\nmake 5\n1 {'any': 'thing'}\n"
        self.assertEqual(done.stdout, expected, done.stderr)
        self.assertEqual(len(runner.of("save")), 1)
