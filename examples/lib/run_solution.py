"""Answers rows with an entrant's trained model outside the platform: the harness of the examples' tests.

    python3 run_solution.py FOLDER INPUTS PREDICTIONS

Runs FOLDER/main.py up to `podium.paused()`, loads the checkpoint `best` that training left in the working
folder (./.podium/checkpoints), and writes the answers for the rows of INPUTS (CSV or JSONL) as JSON lines, as
the platform does in a session of its own.
"""

import csv
import json
import os
import runpy
import sys

import podium


def converted(texts):
    """A CSV column: numbers if all of it parses, and None for an empty cell."""
    for kind in (int, float):
        try:
            return [kind(text) if text else None for text in texts]
        except ValueError:
            pass
    return [text or None for text in texts]


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        if path.endswith(".jsonl"):
            return [json.loads(line) for line in file]
        rows = list(csv.DictReader(file))
    columns = {name: converted([row[name] for row in rows]) for name in rows[0]}
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def main(folder, inputs, predictions):
    def answer():
        podium.load("best")
        rows = read_rows(inputs)
        answers = podium.infer(rows)
        with open(predictions, "w", encoding="utf-8") as file:
            for row, value in zip(rows, answers):
                file.write(json.dumps({"id": row["id"], "prediction": value}) + "\n")
        sys.exit(0)

    podium.paused = answer
    script = os.path.join(folder, "main.py")
    sys.path.insert(0, folder)
    sys.argv = [script]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
