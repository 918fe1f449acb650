"""Point prevalence of abstinence after the last stay."""
