"""The statistics behind the dashboards, each computed from counts and never from one row a person.

Plain arithmetic on histograms: a million stays cost no more than a thousand. It agrees with scipy and
lifelines, which the tests compare it with; importing those would cost more time and memory than all of this.
"""

from projections.statistics.agreement import cohen_kappa
from projections.statistics.differences import Difference, difference, fisher
from projections.statistics.intervals import Estimate, wilson
from projections.statistics.logrank import LogRank, log_rank
from projections.statistics.quantiles import Quartiles, quantile, quartiles
from projections.statistics.student import Mean, mean_of, t_of
from projections.statistics.survival import Point, Survival, kaplan_meier

__all__ = [
    "Difference",
    "Estimate",
    "LogRank",
    "Mean",
    "Point",
    "Quartiles",
    "Survival",
    "cohen_kappa",
    "difference",
    "fisher",
    "kaplan_meier",
    "log_rank",
    "mean_of",
    "quantile",
    "quartiles",
    "t_of",
    "wilson",
]
