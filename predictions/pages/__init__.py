"""What people see of predictions: the page, settings, the card on a person's page, the words."""
