"""Code that all apps share. Imports nothing from the apps."""
