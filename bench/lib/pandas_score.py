"""Scores two CSV files with pandas and scikit-learn; prints seconds (imports apart), score and peak memory."""

import json
import resource
import sys
import time

import pandas as pd
from sklearn.metrics import f1_score, mean_squared_error

metric, target, labels_path, predictions_path, engine = sys.argv[1:]

started = time.perf_counter()
labels = pd.read_csv(labels_path, engine=engine)
predictions = pd.read_csv(predictions_path, engine=engine)
joined = labels.merge(predictions, on="id")
if metric == "mse":
    score = mean_squared_error(joined[target], joined["prediction"])
else:
    score = f1_score(joined[target], joined["prediction"], average="macro")
seconds = time.perf_counter() - started

peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "score": float(score), "rows": len(joined), "peak_memory_bytes": peak}))
