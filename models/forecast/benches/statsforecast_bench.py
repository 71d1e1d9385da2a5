"""MSTL and AutoETS of statsforecast on the series of `thousand.rs`, for comparison.

    python statsforecast_bench.py SERIES.f64 COUNT TRAIN TEST

The file holds COUNT series of TRAIN + TEST minutes as little-endian doubles. Prints the same columns as the bench:
CPU seconds of a fit with a forecast of TEST minutes, the peak of memory, MASE and weighted quantile loss.

AutoETS gets the sums of hours with a season of 24, each hour then spread flat over its minutes: with a season of 1440
it works for minutes on a single series and gives up ("Parameters out of range", 2.1.1).
"""

import os

# One thread, as the bench counts CPU seconds of one.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "NIXTLA_NUMBA_CACHE"):
    os.environ.setdefault(name, "1")

import resource
import sys
import time
import warnings

import numpy as np
import statsforecast
from statsforecast.models import MSTL, AutoETS

warnings.filterwarnings("ignore")

DAY = 1440
QUANTILES = np.array([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
# Two-sided levels whose upper bounds are the quantiles above the median.
LEVELS = [60.0, 80.0, 90.0, 98.0, 99.8]


def forecast(model, train, steps):
    """The quantiles of the coming steps, never negative."""
    out = model.forecast(y=train, h=steps, level=LEVELS)
    bounds = [np.asarray(out["mean"])] + [np.asarray(out[hi(out, level)]) for level in LEVELS]
    return np.maximum.accumulate(np.maximum(np.stack(bounds), 0.0), axis=0)


class Hours:
    """A model of the sums of hours."""

    def __init__(self, model):
        self.model = model

    def forecast(self, y, h, level):
        out = self.model.forecast(y=y[: len(y) // 60 * 60].reshape(-1, 60).sum(axis=1), h=-(-h // 60), level=level)
        return {name: np.repeat(np.asarray(values) / 60.0, 60)[:h] for name, values in out.items()}


def hi(out, level):
    """The name of an upper bound; a whole level may be written with or without its decimals."""
    for name in (f"hi-{level}", f"hi-{level:g}"):
        if name in out:
            return name
    raise KeyError(f"no upper bound for {level} in {sorted(out)}")


def run(name, model, series, train, steps):
    """Prints a model's row."""
    mase, wql, done = 0.0, 0.0, len(series)
    begun = time.process_time()
    for values in series:
        history, actual = values[:train], values[train:]
        quantiles = forecast(model, history, steps)
        scale = np.abs(history[DAY:] - history[:-DAY]).mean()
        mase += np.abs(actual - quantiles[0]).mean() / scale
        miss = actual - quantiles
        loss = np.maximum(QUANTILES[:, None] * miss, (QUANTILES[:, None] - 1.0) * miss)
        wql += 2.0 * loss.sum() / len(QUANTILES) / actual.sum()
    seconds = (time.process_time() - begun) / done
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(
        f"{name:<20} {done:>6} {seconds:>12.4f} {1.0 / seconds:>14.2f} {'a new fit':>15} {peak:>12.0f} "
        f"{mase / done:>8.3f} {wql / done:>8.4f}",
        flush=True,
    )


def main():
    path, count, train, steps = sys.argv[1], *map(int, sys.argv[2:5])
    series = np.fromfile(path, dtype="<f8").reshape(count, train + steps)
    print(f"\nstatsforecast {statsforecast.__version__}; a forecast is a fit and a forecast, and so is an update")
    run("AutoETS(hours)", Hours(AutoETS(season_length=24)), series, train, steps)
    run("MSTL(day) + AutoETS", MSTL([DAY], AutoETS(model="ZZN")), series, train, steps)
    run("MSTL(day, week)", MSTL([DAY, 7 * DAY], AutoETS(model="ZZN")), series, train, steps)


main()
