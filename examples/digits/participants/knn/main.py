"""k nearest neighbours on blurred, shrunken images; the nearest images vote for the label."""

import argparse
import json
import math
import os
from collections import Counter

import podium

model = {"k": 3, "images": [], "labels": []}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def shrink(pixels):
    """The image as 9 by 9 overlapping windows of 4 by 4 pixels: small, and forgiving of a shift by one."""
    pairs = [[sum(pixels[row + i : row + i + 4]) for i in range(0, 25, 3)] for row in range(0, 784, 28)]
    return [sum(pairs[top + i][column] for i in range(4)) for top in range(0, 25, 3) for column in range(9)]


def ranked_labels(image, count):
    """Labels of the `count` nearest training images, nearest first."""
    distances = map(math.dist, model["images"], [image] * len(model["images"]))
    return [label for _, label in sorted(zip(distances, model["labels"]))[:count]]


def vote(labels):
    """The most frequent label; of equally frequent ones, that of the nearest image."""
    return Counter(labels).most_common(1)[0][0]


def infer(rows):
    return [vote(ranked_labels(shrink(row["pixels"]), model["k"])) for row in rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--valid", type=int, default=300, help="images held back to choose k with")
    args = parser.parse_args()

    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.jsonl")) as file:
        digits = [json.loads(line) for line in file]
    images, labels = [shrink(digit["pixels"]) for digit in digits], [digit["label"] for digit in digits]

    model.update(images=images[args.valid :], labels=labels[args.valid :])
    candidates = [1, 3, 5, 7, 9]
    ranked = [ranked_labels(image, max(candidates)) for image in images[: args.valid]]
    accuracy = {}
    for step, k in enumerate(candidates):
        right = sum(vote(near[:k]) == label for near, label in zip(ranked, labels))
        accuracy[k] = right / len(ranked)
        podium.report(step=step, k=k, valid__accuracy=accuracy[k])

    best = max(accuracy, key=accuracy.get)
    model.update(k=best, images=images, labels=labels)
    print(f"k = {best}: validation accuracy {accuracy[best]:.3f}")
    podium.save("best", valid__accuracy=accuracy[best])


if __name__ == "__main__":
    main()
