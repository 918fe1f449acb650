"""Outcomes: change of symptom scores from first to last."""
