"""A random forest: many decision trees, each grown on its own sample of the days, vote together."""

import argparse
import csv
import json
import os
import random
from collections import Counter

import podium
from scores import macro_f1
from trees import grow, shares

COLUMNS = ["precipitation", "temp_max", "temp_min", "wind"]

model = {"trees": []}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def measurements(day):
    """The day's numbers and the range of its temperature: fog and drizzle come with small ones."""
    numbers = [float(day[name]) for name in COLUMNS]
    return [*numbers, numbers[1] - numbers[2]]


def winner(votes):
    return max(sorted(votes), key=votes.get)


def infer(rows):
    answers = []
    for row in rows:
        votes = Counter()
        for tree in model["trees"]:
            votes.update(shares(tree, measurements(row)))
        answers.append(winner(votes))
    return answers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=40)
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--balance", type=float, default=0.5, help="0: each day counts alike; 1: each kind")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        samples = [(measurements(day), day["weather"]) for day in csv.DictReader(file)]
    valid, train = samples[: len(samples) // 5], samples[len(samples) // 5 :]

    # Macro-F1 counts rare weather as much as frequent weather, so rare days weigh more here.
    weights = {kind: count**-args.balance for kind, count in Counter(kind for _, kind in train).items()}
    chance = random.Random(args.seed)
    votes = [Counter() for _ in valid]
    for step in range(args.trees):
        tree = grow(chance.choices(train, k=len(train)), weights, args.depth, chance)
        model["trees"] = model["trees"] + [tree]
        for own, (values, _) in zip(votes, valid):
            own.update(shares(tree, values))
        score = macro_f1([kind for _, kind in valid], [winner(own) for own in votes])
        podium.report(step=step, valid__f1_macro=score)

    print(f"{args.trees} trees, validation macro-F1 {score:.3f}")
    podium.save("best", valid__f1_macro=score)


if __name__ == "__main__":
    main()
