"""The pages of predictions: overview, settings, the card on a person's page, wording."""
