"""Linear regression with an L2 penalty (ridge), trained by stochastic gradient descent."""

import argparse
import csv
import json
import os
import random
from operator import mul

import podium
from features import Features

model = {"features": None, "weights": []}


def save(path):
    features = model["features"]
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump({"features": features and vars(features), "weights": model["weights"]}, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        saved = json.load(file)
    model.update(features=Features(**saved["features"]), weights=saved["weights"])


def predict(weights, vector):
    return sum(map(mul, weights, vector))


def infer(rows):
    return [predict(model["weights"], model["features"].vector(row)) for row in rows]


def mean_squared_error(weights, samples):
    return sum((predict(weights, vector) - rating) ** 2 for vector, rating in samples) / len(samples)


def epoch(weights, samples, lr, penalty):
    """One pass over the samples; changes the weights in place."""
    for vector, rating in samples:
        error = predict(weights, vector) - rating
        for i, x in enumerate(vector):
            if x:
                weights[i] -= lr * (error * x + penalty * weights[i])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--lr", type=float, default=0.005)
    parser.add_argument("--penalty", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        films = list(csv.DictReader(file))
    features = Features.of(films)
    samples = [(features.vector(film), float(film["imdb_rating"])) for film in films]
    shuffler = random.Random(args.seed)
    shuffler.shuffle(samples)
    valid, train = samples[: len(samples) // 5], samples[len(samples) // 5 :]

    weights, best = [0.0] * len(features), float("inf")
    weights[0] = sum(rating for _, rating in train) / len(train)
    for step in range(args.epochs):
        shuffler.shuffle(train)
        epoch(weights, train, args.lr / (1 + 0.2 * step), args.penalty)
        valid_error = mean_squared_error(weights, valid)
        podium.report(step=step, train__loss=mean_squared_error(weights, train), valid__mse=valid_error)
        if valid_error < best:
            best = valid_error
            model.update(features=features, weights=list(weights))

    print(f"{len(features)} features, validation MSE {best:.3f}")
    podium.save("best", valid__mse=best)


if __name__ == "__main__":
    main()
