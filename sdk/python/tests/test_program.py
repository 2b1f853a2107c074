from __future__ import annotations

import json
import unittest

from fake_runner import SdkTest
from podium._errors import PodiumError
from podium._program import fill, read_commands


class Program(SdkTest):
    """The entrypoint is the metadata file of an organizer's program."""

    launcher = ("-m", "podium", "metadata.yaml")

    def test_the_command_gets_the_folders_in_its_places(self) -> None:
        self.runner()
        submitted = self.code.parent / "submitted code"
        submitted.mkdir()
        (submitted / "model.py").write_text("def predict(x):\n    return 2 * x\n")
        (self.input / "test.csv").write_text("3\n4\n")
        self.output.mkdir()
        (self.code / "metadata.yaml").write_text(
            "name: ours\ncommand: python3 $program/ingestion.py $input $output $submission_program $hidden\n"
        )
        (self.code / "ingestion.py").write_text(
            "import os, sys\n"
            "source, target, code, hidden = sys.argv[1:]\n"
            "sys.path.append(code)\n"
            "from model import predict\n"
            "rows = [str(predict(int(line))) for line in open(source + '/test.csv')]\n"
            "open(target + '/answers.txt', 'w').write(' '.join(rows))\n"
            "print('hidden:', os.listdir(hidden))\n"
        )
        done = self.infer("", DATASETS=json.dumps({"films": "/data/films", "submission": str(submitted)}))
        self.assertEqual((done.returncode, done.stdout), (0, "hidden: []\n"), done.stderr)
        self.assertEqual((self.output / "answers.txt").read_text(), "6 8")

    def test_a_command_that_fails_ends_the_session_with_its_code_and_runs_no_further_one(self) -> None:
        self.runner()
        (self.code / "metadata.yaml").write_text(
            "commands:\n- python3 -c 'import sys; sys.exit(3)'\n- python3 -c 'print(1)'\n"
        )
        done = self.infer("")
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)

    def test_what_is_wrong_with_the_metadata_is_told(self) -> None:
        for text, message in (
            ("description: ours\n", "metadata.yaml names no command."),
            ("command: python3 $labels/x.py\n", "The command has a place $labels that there is not."),
            ("command: no-such-program\n", "no-such-program can't be run: No such file or directory"),
        ):
            with self.subTest(text):
                runner = self.runner()
                (self.code / "metadata.yaml").write_text(text)
                done = self.infer("")
                self.assertEqual(done.returncode, 1)
                (failure,) = runner.of("failure")
                self.assertEqual(failure["message"], message)
                runner.stop()


class Metadata(unittest.TestCase):
    def test_a_command_may_be_quoted_or_a_list(self) -> None:
        self.assertEqual(read_commands("command: 'python3 a.py'\n"), ["python3 a.py"])
        self.assertEqual(read_commands('x: 1\ncommands:\n  - "a b"\n  - c\nname: d\n'), ["a b", "c"])
        self.assertEqual(read_commands("my_command: a\n"), [])

    def test_places_are_filled_within_a_word(self) -> None:
        places = {"input": "/in put", "output": "/out"}
        self.assertEqual(fill("--to=${output}/x:$input", places), "--to=/out/x:/in put")
        self.assertRaises(PodiumError, fill, "$nothing", places)
