"""Statistics of experiments: random samples, intervals, power, intervals for many looks. Pure."""
