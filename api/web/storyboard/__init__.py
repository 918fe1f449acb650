"""Storyboard: who a chart is of and what is wanted at every look, beside the chart and beside each form."""
