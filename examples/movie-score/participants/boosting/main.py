"""Gradient boosting: each small tree corrects a part of what the trees before it got wrong."""

import argparse
import csv
import json
import os
import random

import podium
from bins import BIN_COUNT, Binner
from trees import answer, grow

model = {"binner": None, "base": 6.0, "rate": 0.1, "trees": []}


def save(path):
    binner = model["binner"]
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump({**model, "binner": binner and vars(binner)}, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        saved = json.load(file)
    model.update(saved, binner=Binner(**saved["binner"]))


def predict(bins):
    return model["base"] + model["rate"] * sum(answer(tree, bins) for tree in model["trees"])


def infer(rows):
    return [predict(model["binner"].bins(row)) for row in rows]


def mean_square(values):
    return sum(value**2 for value in values) / len(values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=250)
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.06)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        films = list(csv.DictReader(file))
    chance = random.Random(args.seed)
    chance.shuffle(films)
    ratings = [float(film["imdb_rating"]) for film in films]
    held_back = len(films) // 8
    binner = Binner.of(films[held_back:], ratings[held_back:])
    base = sum(ratings) / len(ratings)
    model.update(binner=binner, base=base, rate=args.rate)

    bins = [binner.bins(film) for film in films]
    columns = list(zip(*bins))
    residuals = [rating - base for rating in ratings]
    train_rows = range(held_back, len(films))
    trees, best = [], float("inf")
    for step in range(args.trees):
        # A different half of the films for each tree: faster, and less prone to learn single films by heart.
        sample = chance.sample(train_rows, len(train_rows) // 2)
        trees.append(grow(columns, residuals, sample, args.depth, BIN_COUNT))
        residuals = [old - args.rate * answer(trees[-1], row) for old, row in zip(residuals, bins)]
        valid_error = mean_square(residuals[:held_back])
        podium.report(step=step, train__loss=mean_square(residuals[held_back:]), valid__mse=valid_error)
        if valid_error < best:
            best = valid_error
            model["trees"] = list(trees)

    print(f"{len(model['trees'])} trees, validation MSE {best:.3f}")
    podium.save("best", valid__mse=best)


if __name__ == "__main__":
    main()
