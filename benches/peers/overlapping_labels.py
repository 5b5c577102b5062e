"""How often chance alone makes an information coefficient look real, where labels overlap.

Forecasts that know nothing (first-order autoregressive), labels that sum up the next `horizon` of independent
Student t(4) returns; how often each t-value is above 2 in size. It should be about 0.05.

    pip install numpy scipy
    python benches/peers/overlapping_labels.py
"""

import numpy
from scipy.stats import rankdata


def newey_west(forecast, target, lags):
    x, y = rankdata(forecast), rankdata(target)
    x, y = x - x.mean(), y - y.mean()
    slope = (x @ y) / (x @ x)
    scores = x * (y - slope * x)
    variance = scores @ scores + 2 * sum((1 - lag / (lags + 1)) * (scores[lag:] @ scores[:-lag]) for lag in range(1, lags + 1))
    return slope * (x @ x) / numpy.sqrt(variance)


def effective(forecast, target, horizon):
    coefficient = numpy.corrcoef(rankdata(forecast), rankdata(target))[0, 1]
    return coefficient * numpy.sqrt((len(target) / horizon - 2) / (1 - coefficient**2))


def main():
    random = numpy.random.default_rng(1)
    print("samples horizon memory | ignored  Newey-West(h - 1)  samples/h")
    for samples in (200, 514, 2000):
        for horizon in (5, 20):
            for memory in (0.0, 0.8, 0.97):
                found = numpy.zeros(3)
                rounds = 1000
                for _ in range(rounds):
                    walk = numpy.cumsum(numpy.r_[0, random.standard_t(4, samples + horizon)])
                    target = (walk[horizon:] - walk[:-horizon])[:samples]
                    forecast = numpy.zeros(samples + 200)
                    for at in range(1, len(forecast)):
                        forecast[at] = memory * forecast[at - 1] + random.standard_normal()
                    forecast = forecast[200:]
                    values = effective(forecast, target, 1), newey_west(forecast, target, horizon - 1), effective(forecast, target, horizon)
                    found += numpy.abs(values) > 2
                ignored, west, divided = found / rounds
                print(f"{samples:7} {horizon:7} {memory:6.2f} | {ignored:7.3f} {west:18.3f} {divided:10.3f}", flush=True)


main()
