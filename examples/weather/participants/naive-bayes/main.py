"""Gaussian naive Bayes: a bell curve per kind of weather and measurement, all taken as independent."""

import argparse
import csv
import json
import math
import os

import podium
from scores import macro_f1

COLUMNS = ["precipitation", "temp_max", "temp_min", "wind"]

model = {"kinds": {}}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def measurements(day):
    """The day's numbers; rain falls in amounts from 0.3 to 50 mm, its logarithm is nearer to a bell curve."""
    numbers = [float(day[name]) for name in COLUMNS]
    return [math.log1p(numbers[0]), *numbers[1:]]


def classify(values):
    def log_likelihood(kind):
        total, curves = model["kinds"][kind]
        for value, (mean, variance) in zip(values, curves):
            total -= (value - mean) ** 2 / (2 * variance) + math.log(variance) / 2
        return total

    return max(model["kinds"], key=log_likelihood)


def infer(rows):
    return [classify(measurements(row)) for row in rows]


def fit(samples, smoothing):
    """Prior, and mean and variance of each measurement, by kind. `smoothing` widens every curve."""
    kinds = {}
    for kind in sorted({kind for _, kind in samples}):
        columns = list(zip(*[values for values, own in samples if own == kind]))
        means = [sum(column) / len(column) for column in columns]
        variances = [
            sum((v - mean) ** 2 for v in column) / len(column) + smoothing
            for column, mean in zip(columns, means)
        ]
        kinds[kind] = [math.log(len(columns[0]) / len(samples)), list(zip(means, variances))]
    return kinds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--valid", type=float, default=0.3, help="part held back to choose with")
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        samples = [(measurements(day), day["weather"]) for day in csv.DictReader(file)]
    held_back = int(args.valid * len(samples))
    valid, train = samples[:held_back], samples[held_back:]

    best_smoothing, best = 0.0, -1.0
    for step, smoothing in enumerate([0.001, 0.003, 0.01, 0.03, 0.1, 0.3]):
        model["kinds"] = fit(train, smoothing)
        score = macro_f1([kind for _, kind in valid], [classify(values) for values, _ in valid])
        podium.report(step=step, smoothing=smoothing, valid__f1_macro=score)
        if score > best:
            best_smoothing, best = smoothing, score

    model["kinds"] = fit(samples, best_smoothing)
    print(f"smoothing {best_smoothing}: validation macro-F1 {best:.3f}")
    podium.save("best", valid__f1_macro=best)


if __name__ == "__main__":
    main()
