"""The statistics behind the dashboards, each computed from counts and never from one row a person.

Plain arithmetic on histograms: a million stays cost no more than a thousand. It agrees with scipy and
lifelines, which the tests compare it with; importing those would cost more time and memory than all of this.
"""

from projections.statistics.intervals import Estimate, wilson
from projections.statistics.logrank import LogRank, log_rank
from projections.statistics.quantiles import Quartiles, quantile, quartiles
from projections.statistics.survival import Point, Survival, kaplan_meier

__all__ = [
    "Estimate",
    "LogRank",
    "Point",
    "Quartiles",
    "Survival",
    "kaplan_meier",
    "log_rank",
    "quantile",
    "quartiles",
    "wilson",
]
