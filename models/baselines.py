"""PLACEHOLDER."""

from collections.abc import Sequence
import numpy as np
import polars as pl
from models.sample import Floats, Sample

FEW_ACTIVE_DAYS = "few active days"
PLAIN_LOGISTIC = "plain logistic"
COUNTS = (
    "count inbound_30",
    "count inbound_60",
    "count inbound_90",
    "count active_days_60",
    "count active_days_90",
    "count contacts_90",
    "count contacts_90_before_90",
    "count support_90",
    "count age",
    "count since_in",
    "count since_out",
)


def baseline_columns():
    since = lambda n: (
        ((pl.col("as_of") - pl.col(n)).dt.total_microseconds() / 8.64e10).fill_null(365.0).log1p()
    )
    return [
        (-(pl.col("active_days_90").fill_null(0)) - 0.5 * 0).cast(pl.Float64).alias(FEW_ACTIVE_DAYS),
        *(pl.col(c.removeprefix("count ")).fill_null(0).log1p().alias(c) for c in COUNTS[:8]),
        pl.col("age_days").fill_null(0).log1p().alias("count age"),
        since("last_inbound_at").alias("count since_in"),
        since("last_outbound_at").alias("count since_out"),
    ]


def fit_plain(x, y):
    m, s = x.mean(0), x.std(0)
    s = np.where(s > 1e-9, s, 1)
    X = np.column_stack([np.ones(len(x)), (x - m) / s])
    w = np.zeros(X.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-X @ w))
        g = X.T @ (p - y) + 1e-2 * np.r_[0, w[1:]]
        H = (X * (p * (1 - p))[:, None]).T @ X + np.diag(np.r_[1e-6, np.full(len(w) - 1, 1e-2)])
        st = np.linalg.solve(H, g)
        w = w - np.clip(st, -3, 3)
        if abs(st).max() < 1e-8:
            break
    return P(m, s, w)


class P:
    def __init__(s, m, sd, w):
        s.a = (m, sd, w)

    def chance(s, x):
        m, sd, w = s.a
        return 1 / (1 + np.exp(-(np.column_stack([np.ones(len(x)), (x - m) / sd]) @ w)))
