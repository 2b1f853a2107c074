"""Scores two files with pandas + scikit-learn or with polars; prints seconds (imports apart), score, peak memory."""

import json
import sys
import time
from pathlib import Path

metric, target, labels_path, predictions_path, engine = sys.argv[1:]
is_csv = Path(labels_path).suffix == ".csv"

if engine == "polars":
    import polars as pl
else:
    import pandas as pd
    from sklearn.metrics import accuracy_score, f1_score, mean_squared_error, roc_auc_score


def by_pandas():
    if is_csv:
        labels, predictions = (pd.read_csv(path, engine=engine) for path in (labels_path, predictions_path))
    else:
        labels, predictions = (pd.read_parquet(path, engine="pyarrow") for path in (labels_path, predictions_path))
    joined = labels.merge(predictions, on="id")
    truth, guess = joined[target], joined["prediction"]
    if metric == "mse":
        return mean_squared_error(truth, guess)
    if metric == "accuracy":
        return accuracy_score(truth, guess)
    if metric == "f1_macro":
        return f1_score(truth, guess, average="macro")
    return roc_auc_score(truth, guess)


def by_polars():
    scan = pl.scan_csv if is_csv else pl.scan_parquet
    joined = scan(labels_path).join(scan(predictions_path), on="id")
    truth, guess = pl.col(target), pl.col("prediction")
    if metric == "mse":
        return joined.select(((truth - guess) ** 2).mean()).collect().item()
    if metric == "accuracy":
        return joined.select((truth == guess).mean()).collect().item()
    if metric == "f1_macro":
        pairs = joined.group_by(truth, guess).len().collect()
        hits = pairs.filter(truth == guess).select(label=truth, hits="len")
        labelled = pairs.group_by(label=truth).agg(labelled=pl.col("len").sum())
        predicted = pairs.group_by(label=guess).agg(predicted=pl.col("len").sum())
        counts = labelled.join(predicted, on="label", how="full", coalesce=True)
        counts = counts.join(hits, on="label", how="left").fill_null(0)
        return counts.select((2 * pl.col("hits") / (pl.col("labelled") + pl.col("predicted"))).mean()).item()
    ranked = joined.select(truth, rank=guess.rank("average")).collect()
    positives = ranked.get_column(target).sum()
    ranks = ranked.select((pl.col("rank") * truth).sum()).item()
    return (ranks - positives * (positives + 1) / 2) / (positives * (len(ranked) - positives))


started = time.perf_counter()
score = by_polars() if engine == "polars" else by_pandas()
seconds = time.perf_counter() - started

# Not getrusage's maximum, which begins with what the process that started this one had.
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
print(json.dumps({"seconds": seconds, "score": float(score), "peak_memory_bytes": peak}))
