"""Always predicts the weather that was most frequent in training: the score to beat."""

import csv
import json
import os
from collections import Counter

import podium

model = {"answer": "sun"}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def infer(rows):
    return [model["answer"]] * len(rows)


def main():
    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        kinds = [day["weather"] for day in csv.DictReader(file)]
    answer, days = Counter(kinds).most_common(1)[0]
    model["answer"] = answer

    podium.report(step=0, train__accuracy=days / len(kinds))
    print(f"{answer} on {days} of {len(kinds)} days")
    podium.save("best")


if __name__ == "__main__":
    main()
