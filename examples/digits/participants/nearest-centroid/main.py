"""Averages the images of each digit; an unknown image gets the label of the average it is closest to."""

import json
import math
import os

import podium

model = {"centroids": {}}


def save(path):
    with open(os.path.join(path, "model.json"), "w") as file:
        json.dump(model, file)


def load(path):
    with open(os.path.join(path, "model.json")) as file:
        model.update(json.load(file))


def classify(pixels):
    centroids = model["centroids"]
    return int(min(centroids, key=lambda label: math.dist(centroids[label], pixels)))


def infer(rows):
    return [classify(row["pixels"]) for row in rows]


def main():
    podium.bind(save=save, load=load, infer=infer)
    podium.paused()

    with open(os.path.join(podium.DATASET_PATH, "train.jsonl")) as file:
        digits = [json.loads(line) for line in file]
    valid, train = digits[: len(digits) // 5], digits[len(digits) // 5 :]

    for step in range(10):
        images = [digit["pixels"] for digit in train if digit["label"] == step]
        # JSON has only text keys, so the labels are text in memory too.
        model["centroids"][str(step)] = [round(sum(column) / len(images), 2) for column in zip(*images)]
        right = sum(classify(digit["pixels"]) == digit["label"] for digit in valid)
        podium.report(step=step, train__images=len(images), valid__accuracy=right / len(valid))

    print(f"validation accuracy {right / len(valid):.3f}")
    podium.save("best", valid__accuracy=right / len(valid))


if __name__ == "__main__":
    main()
