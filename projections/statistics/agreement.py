"""Agreement beyond chance: Cohen's kappa of a 2 × 2 table."""

from __future__ import annotations

from math import sqrt

from projections.statistics.intervals import Estimate, z_of

_NOTHING = 1e-12


def cohen_kappa(both: int, first: int, second: int, neither: int, confidence: float = 0.95) -> Estimate:
    """Cohen's kappa with its large-sample interval (kept within -1–1); None where one answer has everything.
    No interval where the variance is nothing, as it is where every pair agrees.

    ``first`` and ``second`` count what only one of the two shows. Sources: Cohen 1960, Educ Psychol Meas
    20:37–46; variance by Fleiss, Cohen & Everitt 1969, Psychol Bull 72:323–327.
    """
    total = both + first + second + neither
    if not total:
        return Estimate(None, None, None)
    cells = ((both / total, first / total), (second / total, neither / total))
    rows = [sum(row) for row in cells]
    columns = [cells[0][place] + cells[1][place] for place in (0, 1)]
    observed = cells[0][0] + cells[1][1]
    chance = rows[0] * columns[0] + rows[1] * columns[1]
    if chance >= 1:
        return Estimate(None, None, None)
    kappa = (observed - chance) / (1 - chance)
    on = sum(cells[i][i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in (0, 1))
    off = sum(cells[i][1 - i] * (columns[i] + rows[1 - i]) ** 2 for i in (0, 1)) * (1 - kappa) ** 2
    variance = (on + off - (kappa - chance * (1 - kappa)) ** 2) / (total * (1 - chance) ** 2)
    if variance < _NOTHING:
        return Estimate(kappa, None, None)
    reach = z_of(confidence) * sqrt(variance)
    return Estimate(kappa, max(-1.0, kappa - reach), min(1.0, kappa + reach))
