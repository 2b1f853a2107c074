"""k nearest neighbours: the mean rating of the most similar films, nearer ones counting more."""

import argparse
import csv
import json
import math
import os
import random

import podium

NUMBERS = ["rotten_tomatoes_rating", "imdb_votes", "production_budget", "worldwide_gross", "year"]

model = {"k": 10, "scales": {}, "genres": [], "points": [], "ratings": []}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def number(film, name):
    """A feature of the film as a number, None if it is missing."""
    if name == "year":
        return float(film["release_date"][:4])
    return None if film[name] in (None, "") else float(film[name])


def point(film):
    """The film's place: similar films lie close together. A missing number counts as an average one."""
    place = []
    for name in NUMBERS:
        mean, deviation = model["scales"][name]
        value = number(film, name)
        place.append(0.0 if value is None else (value - mean) / deviation)
    return place + [float(film["major_genre"] == genre) for genre in model["genres"]]


def neighbours(place):
    """All training films as (distance, rating), nearest first."""
    distances = map(math.dist, model["points"], [place] * len(model["points"]))
    return sorted(zip(distances, model["ratings"]))


def estimate(nearest):
    weights = [1 / (0.3 + distance) for distance, _ in nearest]
    return sum(weight * rating for weight, (_, rating) in zip(weights, nearest)) / sum(weights)


def infer(rows):
    return [estimate(neighbours(point(row))[: model["k"]]) for row in rows]


def scale(values):
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / len(values)) or 1.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--valid", type=int, default=200, help="films held back to choose k with")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.csv"), newline="", encoding="utf-8") as file:
        films = list(csv.DictReader(file))
    random.Random(args.seed).shuffle(films)
    for name in NUMBERS:
        model["scales"][name] = scale([v for v in (number(film, name) for film in films) if v is not None])
    model["genres"] = sorted({film["major_genre"] for film in films})
    points, ratings = [point(film) for film in films], [float(film["imdb_rating"]) for film in films]

    model.update(points=points[args.valid :], ratings=ratings[args.valid :])
    ranked = [neighbours(place) for place in points[: args.valid]]
    errors = {}
    for step, k in enumerate([1, 2, 4, 8, 12, 16, 24, 32, 64]):
        guesses = [estimate(nearest[:k]) for nearest in ranked]
        errors[k] = sum((guess - rating) ** 2 for guess, rating in zip(guesses, ratings)) / len(guesses)
        podium.report(step=step, k=k, valid__mse=errors[k])

    best = min(errors, key=errors.get)
    model.update(k=best, points=points, ratings=ratings)
    print(f"k = {best}: validation MSE {errors[best]:.3f}")
    podium.save("best", valid__mse=errors[best])


if __name__ == "__main__":
    main()
