"""The few things every app shares. Imports nothing from the apps."""
