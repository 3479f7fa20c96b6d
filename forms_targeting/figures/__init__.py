"""Views, submissions and revenue of forms, counted from rows; results of A/B versions."""
