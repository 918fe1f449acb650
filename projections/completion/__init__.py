"""Completion: how ended stays ended, per group, with rates, intervals and lengths of stay."""
