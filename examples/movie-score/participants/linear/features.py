"""Turns a film into the numbers that the linear model adds up."""

import math

NUMBERS = ["running_time_min", "rotten_tomatoes_rating"]
# Money and votes span five powers of ten: their logarithm is what a rating follows.
LOGARITHMS = ["production_budget", "us_gross", "worldwide_gross", "imdb_votes"]
CATEGORIES = ["major_genre", "mpaa_rating", "source", "creative_type"]
# Outliers count as this many standard deviations: their squares would throw the training off course.
LIMIT = 2.5


def raw_numbers(film):
    """The film's numeric features; None where the film has none."""
    values = [film[name] for name in NUMBERS]
    values = [None if value in (None, "") else float(value) for value in values]
    for name in LOGARITHMS:
        values.append(None if film[name] in (None, "") else math.log1p(float(film[name])))
    return [*values, float(film["release_date"][:4])]


class Features:
    """Standardised numbers, their squares, and flags: one per missing number, one per known category."""

    def __init__(self, means, deviations, categories):
        self.means, self.deviations, self.categories = means, deviations, categories

    @classmethod
    def of(cls, films):
        columns = [[v for v in column if v is not None] for column in zip(*map(raw_numbers, films))]
        means = [sum(column) / len(column) for column in columns]
        deviations = [
            math.sqrt(sum((v - mean) ** 2 for v in column) / len(column)) or 1.0
            for column, mean in zip(columns, means)
        ]
        categories = sorted({f"{name}={film[name]}" for film in films for name in CATEGORIES if film[name]})
        return cls(means, deviations, categories)

    def __len__(self):
        return 1 + 3 * len(self.means) + len(self.categories)

    def vector(self, film):
        vector = [1.0]
        for value, mean, deviation in zip(raw_numbers(film), self.means, self.deviations):
            score = 0.0 if value is None else (value - mean) / deviation
            score = max(-LIMIT, min(LIMIT, score))
            vector += [score, score**2, float(value is None)]
        own = {f"{name}={film[name]}" for name in CATEGORIES}
        return vector + [1.0 if category in own else 0.0 for category in self.categories]
