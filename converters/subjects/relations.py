"""How close two subjects are, by the documents that they share.

    log_likelihood(both=8, one=10, other=12, total=1000)     67.9    far more often together than by chance
    log_likelihood(both=8, one=800, other=10, total=1000)     0.0    together, as everything is with the first

Ted Dunning's measure (1993): shared documents alone would relate all subjects to the most frequent one.
"""

from math import log


def log_likelihood(both: int, one: int, other: int, total: int) -> float:
    """Return how little chance explains that two subjects share so many documents; 0 where they share fewer.

    `both` documents of `total` have both subjects, `one` has the first and `other` the second.
    """
    if both * total <= one * other:
        return 0.0
    cells = (
        (both, one, other),
        (one - both, one, total - other),
        (other - both, total - one, other),
        (total - one - other + both, total - one, total - other),
    )
    return 2 * sum(seen * log(seen * total / (row * column)) for seen, row, column in cells if seen > 0)
