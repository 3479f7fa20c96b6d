"""Conditions as filters of the list of people; segments on the page of a metric."""

from __future__ import annotations

from profiles.registries.metric_cards import MetricCard, metric_cards
from profiles.registries.people_filters import PeopleFilter, people_filters
from segments.people.filter import filter_people
from segments.people.metric_card import segments_of_metric

people_filters.add(
    "conditions",
    PeopleFilter("segments/people/_inputs.html", "segments/people/_summary.html", filter_people),
)
metric_cards.add("segments", MetricCard("segments/people/_of_metric.html", segments_of_metric))
