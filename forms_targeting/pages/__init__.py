"""The list of forms, one form's state, and the settings of the site."""
