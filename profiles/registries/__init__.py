"""Registries that the apps above fill: tables with rows about people, attributes, cards."""
