"""What the apps above add to people: tables with rows about them, attributes, cards."""
