from __future__ import annotations

import json

from fake_runner import SdkTest

SCRIPT = """
    import nsml, podium
    print(podium.DATASET_NAME, podium.DATASET_PATH, nsml.DATASET_PATH, list(podium.DATASETS.items()))
"""


class Datasets(SdkTest):
    def test_several_lie_side_by_side_and_the_first_is_the_dataset(self) -> None:
        self.runner()
        folders = {"seas": "/data/seas", "films": "/data/films"}
        done = self.run_script(
            SCRIPT, DATASET_PATH="/data/seas", DATASET_NAME="seas", DATASETS=json.dumps(folders)
        )
        self.assertEqual(
            done.stdout,
            "seas /data/seas /data/seas [('seas', '/data/seas'), ('films', '/data/films')]\n",
            done.stderr,
        )

    def test_one_that_is_named_by_hand_is_among_them(self) -> None:
        self.runner()
        done = self.run_script(SCRIPT, DATASET_PATH="/tmp/films", DATASET_NAME="films")
        self.assertEqual(done.stdout, "films /tmp/films /tmp/films [('films', '/tmp/films')]\n", done.stderr)

    def test_without_any_there_is_none(self) -> None:
        done = self.run_outside("import podium; print(repr(podium.DATASET_PATH), podium.DATASETS)")
        self.assertEqual(done.stdout, "'' {}\n", done.stderr)
