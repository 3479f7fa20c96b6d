"""The forms that a visit shows, for the script; why one does or does not, for marketers."""
