"""Intervals that stay valid however often one looks, and stops when one likes.

A test of 95 % that is looked at daily for a month finds a difference in far more than 5 % of the
tests in which there is none. Here the critical value is that of Robbins' normal mixture (Annals of
Mathematical Statistics 41, 1970), which is the mixture sequential probability ratio test (mSPRT) of
Johari, Koomen, Pekelis and Walsh, Always Valid Inference, Operations Research 70 (2022); as a
confidence sequence: Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49 (2021), formula
14. A Brownian motion W leaves |W(t)| < sqrt((t + r) log((t + r) / (r a^2))) at any t > 0 with
probability a at most.

What is the time t of a test by e-mail? People are drawn once, and what they do comes in over days:
the share F that has opened grows, while the people stay. Looks at F1 and F0 of n people then
correlate as a Brownian motion at times n F / (1 - F) does (a Brownian bridge in F, rescaled). If
people come in and F stays, the time is n F / (1 - F), too. For amounts, mean^2 / variance takes the
place of F / (1 - F), which it equals where everybody spends the same or nothing. So four counts say
what time it is, and nobody must remember how often somebody looked.

It holds asymptotically: with fewer than LEAST expected of a side nothing is concluded.
"""

from __future__ import annotations

from math import inf, log, sqrt

from predictions.numerics.experiments.proportions import (
    CONFIDENCE,
    Interval,
    Proportion,
    newcombe,
    wilson,
)

MIXTURE = 10.0
"""Where the interval is tightest: about 10 times so much time. Chosen for tests of some hundred to
some thousand people; it changes how wide the interval is, never whether it is valid."""
LEAST = 5.0
"""People who did it, and who did not, that each side must have if there is no difference."""


def critical_value(time: float, *, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors an interval reaches at a time; infinite at 0."""
    if not 0 < time < inf:
        return inf
    alpha = 1 - confidence
    return sqrt((1 + MIXTURE / time) * (log(1 + time / MIXTURE) + 2 * log(1 / alpha)))


def time_of(one: Proportion, other: Proportion) -> float:
    """Return the time at which two groups are: n F / (1 - F); 0 while there are too few to tell."""
    people = one.of + other.of
    count = one.count + other.count
    smaller = min(one.of, other.of)
    if not smaller or min(count, people - count) * smaller / people < LEAST:
        return 0.0
    return one.of * other.of / people * count / (people - count)


def valid_difference(
    one: Proportion, other: Proportion, *, confidence: float = CONFIDENCE
) -> Interval:
    """Return an interval for `one`'s rate minus `other`'s that holds over all looks together.

    Newcombe's interval with the critical value of the time. -1 to 1 while there are too few.
    """
    return newcombe(one, other, critical_value(time_of(one, other), confidence=confidence))


def valid_rate(tally: Proportion, *, confidence: float = CONFIDENCE) -> Interval:
    """Return an interval for one group's rate that holds over all looks together.

    Wilson's interval with the critical value of the time. 0 to 1 while fewer than LEAST did it, or
    did not.
    """
    count, rest = tally.count, tally.of - tally.count
    if min(count, rest) < LEAST:
        return Interval(0.0, 1.0)
    return wilson(tally, critical_value(tally.of * count / rest, confidence=confidence))
