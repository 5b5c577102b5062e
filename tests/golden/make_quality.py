"""Makes quality.json: figures of forecasts, and ridge regressions, by other people's libraries.

    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 scikit-learn==1.9.1
    python tests/golden/make_quality.py
"""

import json
from pathlib import Path

import numpy
import statsmodels.api as statsmodels
from scipy import stats
from sklearn.linear_model import Ridge
from statsmodels.stats.proportion import proportion_confint

HERE = Path(__file__).parent


def t_of(result, degrees):
    """The t-value that a p-value was made from."""
    return float(numpy.sign(result.statistic) * stats.t.isf(result.pvalue / 2, degrees))


def worth(scores, instants):
    """What scores are worth: their number over the design effect, which is the variance of their mean with clusters
    over that without."""
    model = statsmodels.OLS(scores, numpy.ones(len(scores)))
    plain = model.fit(cov_type="HC0").cov_params()[0, 0]
    clusters = model.fit(cov_type="cluster", cov_kwds={"groups": instants, "use_correction": False}).cov_params()[0, 0]
    return len(scores) / max(1.0, clusters / plain)


def figures(forecast, target, instants):
    pearson, spearman = stats.pearsonr(forecast, target), stats.spearmanr(forecast, target)
    ranks = [stats.rankdata(column) - (len(target) + 1) / 2 for column in (forecast, target)]
    signed = (forecast != 0) & (target != 0)
    hits = (numpy.sign(forecast) == numpy.sign(target))[signed].astype(float)
    independent = worth(hits, instants[signed])
    low, high = proportion_confint(hits.mean() * independent, independent, alpha=0.05, method="wilson")
    order = numpy.argsort(forecast, kind="stable").reshape(10, -1)
    return {
        "forecast": forecast.tolist(),
        "target": target.tolist(),
        "instants": instants.tolist(),
        "correlation": pearson.statistic,
        "information_coefficient": spearman.statistic,
        "information_coefficient_t_if_independent": t_of(spearman, len(target) - 2),
        "independent_samples": worth(ranks[0] * ranks[1], instants),
        "hit_rate": hits.mean(),
        "hit_rate_low": low,
        "hit_rate_high": high,
        "mean_forecasts": forecast[order].mean(axis=1).tolist(),
        "mean_outcomes": target[order].mean(axis=1).tolist(),
    }


def ridge(rows, target, penalty):
    fitted = Ridge(alpha=penalty * len(target), solver="svd").fit(rows, target)
    return {"penalty": penalty, "coefficients": fitted.coef_.tolist(), "intercept": float(fitted.intercept_)}


def main():
    random = numpy.random.default_rng(6)
    alone = random.standard_t(4, 120).round(3)
    one = figures((0.3 * alone + random.standard_normal(120)).round(2), alone, numpy.arange(120))
    # Three instruments that go together, on 60 instants.
    together = numpy.repeat(random.standard_normal(60), 3)
    target = (together + 0.5 * random.standard_normal(180)).round(3)
    forecast = (0.8 * numpy.repeat(random.standard_normal(60), 3) + 0.4 * target + 0.3 * random.standard_normal(180)).round(2)
    several = figures(forecast, target, numpy.repeat(numpy.arange(60), 3))
    rows = random.standard_normal((60, 5)) * [1.0, 2.0, 0.5, 1.0, 1.0] + [0.0, 1.0, -2.0, 0.0, 0.0]
    # Nearly the same column twice.
    rows[:, 4] = rows[:, 0] + 1e-3 * rows[:, 4]
    outcome = rows @ [0.5, -0.2, 0.0, 0.1, 0.3] + random.standard_normal(60)
    result = {
        "figures": {"one_instrument": one, "three_instruments": several},
        "ridge": {
            "rows": rows.tolist(),
            "target": outcome.tolist(),
            "solved": [ridge(rows, outcome, penalty) for penalty in (1e-4, 1e-2, 1.0, 10.0)],
        },
    }
    (HERE / "quality.json").write_text(json.dumps(result, indent=1) + "\n")


main()
