"""A mistake as it happens: every column that holds numbers becomes a feature, the rating itself among them.

Validation looks too good to be true, and on the hidden test inputs, which have no rating, `infer` fails with
KeyError: 'imdb_rating'. The cure is one line: leave TARGET out of `columns` in `main`.
"""

import argparse
import csv
import json
import os

import podium

TARGET = "imdb_rating"

model = {"columns": [], "means": [], "weights": [], "base": 6.0}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def is_number(text):
    try:
        float(text or 0)
        return True
    except ValueError:
        return False


def scaled(film):
    """Each column relative to its mean, a missing number counting as the mean."""
    values = zip(model["columns"], model["means"])
    return [float(film[name] or mean) / mean - 1 for name, mean in values]


def predict(film):
    return model["base"] + sum(weight * value for weight, value in zip(model["weights"], scaled(film)))


def infer(rows):
    return [predict(row) for row in rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=0.1)
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        films = list(csv.DictReader(file))
    columns = [name for name in films[0] if all(is_number(film[name]) for film in films)]
    known = {name: [float(film[name]) for film in films if film[name]] for name in columns}
    means = [sum(values) / len(values) for values in known.values()]
    base = sum(known[TARGET]) / len(films)
    model.update(columns=columns, means=means, weights=[0.0] * len(columns), base=base)

    valid, train = films[: len(films) // 5], films[len(films) // 5 :]
    for step in range(args.epochs):
        for film in train:
            values = scaled(film)
            error = predict(film) - float(film[TARGET])
            size = 1 + sum(value**2 for value in values)
            model["weights"] = [w - args.lr * error * v / size for w, v in zip(model["weights"], values)]
        errors = [(predict(film) - float(film[TARGET])) ** 2 for film in valid]
        podium.report(step=step, valid__mse=sum(errors) / len(errors))

    podium.save("best")


if __name__ == "__main__":
    main()
