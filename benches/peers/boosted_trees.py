#!/usr/bin/env python3
"""Writes tests/golden/boosted_trees.json: forecasts of boosted trees by XGBoost and scikit-learn on a small made-up data set.

    pip install xgboost==3.2.0 scikit-learn==1.9.1
    python3 benches/peers/boosted_trees.py > tests/golden/boosted_trees.json

XGBoost grows exactly (tree_method="exact"), which is what bins come to where no column has more than 256 distinct values. Its
multi:softprob begins with the logarithms of the classes' shares, as ours does. Huber's loss is given to it as slope and curvature,
because its own is another function. The quantile is scikit-learn's, whose leaves are quantiles too.
"""

import json
import sys

import numpy as np
import sklearn
import xgboost
from sklearn.ensemble import GradientBoostingRegressor

TRAIN, TEST, FEATURES = 220, 40, 5
ROUNDS = 25


def data():
    random = np.random.default_rng(11)
    # Multiples of 1/64 are exact as f32, and some of them are equal.
    x = np.round(random.normal(size=(TRAIN + TEST, FEATURES)) * 64) / 64
    # Nothing new lies on a threshold, which is halfway between two multiples: there XGBoost goes right, scikit-learn and we left.
    x[TRAIN:] += 1 / 256
    y = np.where(x[:, 0] > 0.3, 1.0, -0.5) + x[:, 1] * x[:, 2] + 0.5 * random.standard_t(3, size=TRAIN + TEST)
    y = np.round(y * 1024) / 1024
    weights = random.uniform(0.25, 2.0, size=TRAIN)
    return x.astype(np.float32), y.astype(np.float32), weights.astype(np.float32)


def grown(x, y, weights, margins, settings, objective=None):
    parameters = {
        "tree_method": "exact",
        "max_depth": settings["depth"],
        "eta": settings["shrinkage"],
        "min_child_weight": settings["min_child_weight"],
        "lambda": settings["l2"],
        "nthread": 1,
        **settings["xgboost"],
    }
    start = lambda count: np.tile(np.float32(margins), (count, 1)).squeeze()
    train = xgboost.DMatrix(x[:TRAIN], y[:TRAIN], weight=weights, base_margin=start(TRAIN))
    everything = xgboost.DMatrix(x, base_margin=start(len(x)))
    booster = xgboost.train(parameters, train, ROUNDS, obj=objective)
    return booster.predict(everything, output_margin=True)


def huber(delta):
    def objective(said, matrix):
        weights = matrix.get_weight()
        return weights * np.clip(said - matrix.get_label(), -delta, delta), weights * np.ones_like(said)

    return objective


def best_huber(y, weights, delta):
    low, high = y.min(), y.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if (weights * np.clip(middle - y, -delta, delta)).sum() > 0 else (middle, high)
    return low


def main():
    x, y, weights = data()
    own = y[:TRAIN].astype(float)
    even = np.ones(TRAIN, dtype=np.float32)
    cases = []

    def case(name, loss, settings, target, weights, forecasts):
        cases.append(
            {
                "name": name,
                "loss": loss,
                "settings": {"rounds": ROUNDS, "subsample": 1.0} | {k: v for k, v in settings.items() if k != "xgboost"},
                "target": [float(value) for value in target[:TRAIN]],
                "weights": [float(value) for value in weights],
                "forecasts": [[float(v) for v in np.atleast_1d(row)] for row in forecasts],
            }
        )

    squared = {"depth": 3, "shrinkage": 0.2, "min_child_weight": 5.0, "l2": 1.0, "xgboost": {"objective": "reg:squarederror"}}
    for name, each in (("squared errors", even), ("squared errors, weighed", weights)):
        mean = np.average(own, weights=each)
        case(name, "mse", squared, y, each, grown(x, y, each, [mean], squared))

    deep = squared | {"depth": 6, "min_child_weight": 2.0, "l2": 0.0}
    case("deep", "mse", deep, y, even, grown(x, y, even, [own.mean()], deep))

    limited = squared | {"depth": 4}
    start = best_huber(own, weights.astype(float), 0.7)
    case("huber, weighed", {"huber": {"delta": 0.7}}, limited, y, weights, grown(x, y, weights, [start], limited, huber(0.7)))

    for name, classes, cuts in (("two classes", "two", [0.0]), ("three classes", "three", [-0.4, 0.6])):
        count = len(cuts) + 1
        labels = np.digitize(y, cuts)
        settings = squared | {"min_child_weight": 2.0, "xgboost": {"objective": "multi:softprob", "num_class": count}}
        shares = [np.average(labels[:TRAIN] == label, weights=weights) for label in range(count)]
        forecasts = grown(x, labels, weights, np.log(shares), settings)
        target = np.linspace(-1, 1, count)[labels]
        case(name, {"cross_entropy": {"classes": classes}}, settings, target, weights, forecasts)

    # The slopes of a quantile's loss are of two kinds only: without weights many splits gain the same.
    for quantile in (0.2, 0.9):
        settings = squared | {"min_child_weight": 9.1, "l2": 0.0}
        model = GradientBoostingRegressor(
            loss="quantile",
            alpha=quantile,
            n_estimators=ROUNDS,
            learning_rate=settings["shrinkage"],
            max_depth=settings["depth"],
            min_samples_leaf=1,
            min_weight_fraction_leaf=settings["min_child_weight"] / weights.sum(dtype=float),
            random_state=0,
        )
        model.fit(x[:TRAIN], own, sample_weight=weights.astype(float))
        case(f"quantile {quantile}", {"quantile": {"quantile": quantile}}, settings, y, weights, model.predict(x))

    versions = {"xgboost": xgboost.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__}
    json.dump({"made_by": versions, "x": [[float(v) for v in row] for row in x], "cases": cases}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
