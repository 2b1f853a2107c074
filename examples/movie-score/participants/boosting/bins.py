"""Sorts each feature of a film into a few bins, so that a tree only has to try the edges between them."""

from bisect import bisect_right
from collections import defaultdict

NUMBERS = [
    "rotten_tomatoes_rating",
    "imdb_votes",
    "production_budget",
    "us_gross",
    "worldwide_gross",
    "running_time_min",
    "us_dvd_sales",
]
# Not the director: most have one or two films here, so the mean would be little but the film's own rating.
CATEGORIES = ["major_genre", "mpaa_rating", "source", "creative_type"]
BINS = 24
# Bin 0 is for films that lack the number.
BIN_COUNT = BINS + 1


def raw_numbers(film):
    """The film's numbers; None where one is missing."""
    numbers = [None if film[name] in (None, "") else float(film[name]) for name in NUMBERS]
    return [*numbers, float(film["release_date"][:4])]


def mean_by_category(films, ratings, name, strength=15):
    """Mean rating of each category less the overall mean, pulled towards 0 where it has few films."""
    overall = sum(ratings) / len(ratings)
    groups = defaultdict(list)
    for film, rating in zip(films, ratings):
        groups[film[name] or ""].append(rating - overall)
    return {category: sum(group) / (len(group) + strength) for category, group in groups.items()}


class Binner:
    """`bins(film)` gives one small integer a feature; 0 means missing. All its state is plain JSON."""

    def __init__(self, edges, means):
        self.edges, self.means = edges, means

    @classmethod
    def of(cls, films, ratings):
        means = {name: mean_by_category(films, ratings, name) for name in CATEGORIES}
        binner = cls([], means)
        for column in zip(*map(binner.values, films)):
            known = sorted(value for value in column if value is not None)
            binner.edges.append(sorted({known[len(known) * i // BINS] for i in range(1, BINS)}))
        return binner

    def values(self, film):
        return raw_numbers(film) + [self.means[name].get(film[name] or "", 0.0) for name in CATEGORIES]

    def bins(self, film):
        values = zip(self.values(film), self.edges)
        return [0 if value is None else 1 + bisect_right(edges, value) for value, edges in values]
