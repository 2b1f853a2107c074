"""Decision trees for labels; a tree is plain JSON: {label: share}, or [feature, threshold, low, high]."""

from collections import Counter


def impurity(counts, total):
    """Gini impurity times the number of samples."""
    return total - sum(count * count for count in counts.values()) / total


def best_split(samples, weights, features, smallest):
    """The question "feature ≤ threshold?" that sorts the labels best, as (feature, threshold), or None."""
    best, lowest = None, float("inf")
    for feature in features:
        ordered = sorted(samples, key=lambda sample: sample[0][feature])
        low, high = Counter(), Counter()
        for _, label in ordered:
            high[label] += weights[label]
        low_total, high_total = 0.0, float(sum(high.values()))
        for i, (values, label) in enumerate(ordered[:-smallest], start=1):
            low[label] += weights[label]
            high[label] -= weights[label]
            low_total += weights[label]
            high_total -= weights[label]
            if i >= smallest and values[feature] < ordered[i][0][feature]:
                value = impurity(low, low_total) + impurity(high, high_total)
                if value < lowest:
                    best, lowest = (feature, values[feature]), value
    return best


def grow(samples, weights, depth, chance, smallest=3):
    """A tree of at most `depth` questions, each about one of two features drawn by chance."""
    counts = Counter()
    for _, label in samples:
        counts[label] += weights[label]
    features = chance.sample(range(len(samples[0][0])), 2)
    worth_it = depth and len(counts) > 1 and len(samples) >= 2 * smallest
    split = best_split(samples, weights, features, smallest) if worth_it else None
    if split is None:
        return {label: count / sum(counts.values()) for label, count in counts.items()}
    feature, threshold = split
    low = [sample for sample in samples if sample[0][feature] <= threshold]
    high = [sample for sample in samples if sample[0][feature] > threshold]
    return [feature, threshold] + [grow(side, weights, depth - 1, chance, smallest) for side in (low, high)]


def shares(tree, values):
    """How likely each label is by this tree."""
    while isinstance(tree, list):
        feature, threshold, low, high = tree
        tree = low if values[feature] <= threshold else high
    return tree
