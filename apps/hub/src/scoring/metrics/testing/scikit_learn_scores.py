"""Scores cases with scikit-learn: reads a JSON list from stdin, writes the list of scores to stdout."""

import json
import sys
import warnings

import numpy as np
from sklearn import metrics as m
from sklearn.preprocessing import MultiLabelBinarizer

warnings.simplefilter("ignore")

AVERAGED = {"precision": m.precision_score, "recall": m.recall_score, "f1": m.f1_score, "fbeta": m.fbeta_score}
NUMBERS = {
    "mse": m.mean_squared_error,
    "rmse": m.root_mean_squared_error,
    "mae": m.mean_absolute_error,
    "r2": m.r2_score,
    "mape": m.mean_absolute_percentage_error,
}


def score(case):
    spec, truth, guess = case["spec"], case["target"], case["prediction"]
    name = spec["name"]
    weight = None if case["weight"] is None else np.array(case["weight"])
    if name in NUMBERS:
        return NUMBERS[name](np.array(truth).T, np.array(guess).T, sample_weight=weight)
    if name == "accuracy":
        return m.accuracy_score(truth, guess, sample_weight=weight)
    if name == "mcc":
        return m.matthews_corrcoef(truth, guess, sample_weight=weight)
    if name == "kappa":
        weights = None if spec["weights"] == "none" else spec["weights"]
        return m.cohen_kappa_score(truth, guess, weights=weights, sample_weight=weight)
    if name in AVERAGED:
        beta = {"beta": spec["beta"]} if name == "fbeta" else {}
        if "separator" in spec or spec["average"] == "samples":
            sets = [[cell.split() for cell in cells] for cells in (truth, guess)]
            binarizer = MultiLabelBinarizer().fit(sets[0] + sets[1])
            truth, guess = (binarizer.transform(one) for one in sets)
            options = {}
        else:
            options = {"pos_label": spec.get("positive_label", "1")}
        return AVERAGED[name](
            truth, guess, average=spec["average"], sample_weight=weight, zero_division=0, **options, **beta
        )
    if name == "roc_auc":
        if "classes" not in spec:
            return m.roc_auc_score(np.array(truth) == "1", guess, sample_weight=weight)
        # Each class against the rest: scikit-learn's own multi-class form demands that rows add up to one.
        parts = [(np.array(truth) == label, column) for label, column in zip(spec["classes"], guess, strict=True)]
        areas = [m.roc_auc_score(positive, column, sample_weight=weight) for positive, column in parts]
        support = [np.average(positive, weights=weight) for positive, _ in parts]
        return np.average(areas, weights=support if spec["average"] == "weighted" else None)
    if name == "log_loss":
        if "classes" not in spec:
            return m.log_loss(np.array(truth) == "1", guess, sample_weight=weight, labels=[False, True])
        return m.log_loss(truth, np.array(guess).T, sample_weight=weight, labels=spec["classes"])
    if name == "top_k":
        return m.top_k_accuracy_score(
            truth, np.array(guess).T, k=spec["k"], labels=spec["classes"], sample_weight=weight
        )
    raise ValueError(name)


json.dump([float(score(case)) for case in json.load(sys.stdin)], sys.stdout)
