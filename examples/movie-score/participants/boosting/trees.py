"""Small regression trees over bins; a tree is plain JSON: a number, or [feature, edge, low, high]."""


def best_split(columns, residuals, rows, bin_count, smallest):
    """The split of `rows` that lowers the error most: (feature, last bin of its low side), or None."""
    total, count = sum(residuals[row] for row in rows), len(rows)
    best, best_gain = None, total**2 / count + 1e-9
    for feature, column in enumerate(columns):
        sums, counts = [0.0] * bin_count, [0] * bin_count
        for row in rows:
            place = column[row]
            sums[place] += residuals[row]
            counts[place] += 1
        low_sum, low_count = 0.0, 0
        for edge in range(bin_count - 1):
            low_sum += sums[edge]
            low_count += counts[edge]
            high_count = count - low_count
            if low_count >= smallest and high_count >= smallest:
                gain = low_sum**2 / low_count + (total - low_sum) ** 2 / high_count
                if gain > best_gain:
                    best, best_gain = (feature, edge), gain
    return best


def grow(columns, residuals, rows, depth, bin_count, smallest=10):
    """A tree of at most `depth` questions that predicts the residuals of `rows`; leaves are their means."""
    split = best_split(columns, residuals, rows, bin_count, smallest) if depth else None
    if split is None:
        return sum(residuals[row] for row in rows) / len(rows)
    feature, edge = split
    low = [row for row in rows if columns[feature][row] <= edge]
    high = [row for row in rows if columns[feature][row] > edge]
    branches = [grow(columns, residuals, side, depth - 1, bin_count, smallest) for side in (low, high)]
    return [feature, edge, *branches]


def answer(tree, bins):
    """The tree's value for one film's bins."""
    while isinstance(tree, list):
        feature, edge, low, high = tree
        tree = low if bins[feature] <= edge else high
    return tree
