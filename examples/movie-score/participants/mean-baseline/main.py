"""Predicts the mean rating of a film's genre, pulled towards the overall mean where there are few films."""

import argparse
import csv
import json
import os
import random
from collections import defaultdict

import podium

model = {"overall": 6.0, "genres": {}}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def infer(rows):
    return [model["genres"].get(row.get("major_genre") or "", model["overall"]) for row in rows]


def fit(films, strength):
    """Genre means as if each genre had `strength` more films with the overall mean."""
    overall = sum(rating for _, rating in films) / len(films)
    ratings = defaultdict(list)
    for genre, rating in films:
        ratings[genre].append(rating)
    genres = {
        genre: (sum(values) + strength * overall) / (len(values) + strength)
        for genre, values in ratings.items()
    }
    return {"overall": overall, "genres": genres}


def error(candidate, films):
    """Mean squared error of a candidate model."""
    guesses = ((candidate["genres"].get(genre, candidate["overall"]), rating) for genre, rating in films)
    return sum((guess - rating) ** 2 for guess, rating in guesses) / len(films)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        films = [(row["major_genre"], float(row["imdb_rating"])) for row in csv.DictReader(file)]
    random.Random(args.seed).shuffle(films)
    valid, train = films[: len(films) // 5], films[len(films) // 5 :]

    best_strength, best_error = 0, float("inf")
    for step, strength in enumerate([0, 1, 3, 10, 30, 100]):
        candidate = fit(train, strength)
        loss, valid_error = error(candidate, train), error(candidate, valid)
        podium.report(step=step, strength=strength, train__loss=loss, valid__mse=valid_error)
        if valid_error < best_error:
            best_strength, best_error = strength, valid_error

    model.update(fit(films, best_strength))
    print(f"genre means with strength {best_strength}: validation MSE {best_error:.3f}")
    podium.save("best", valid__mse=best_error)


if __name__ == "__main__":
    main()
