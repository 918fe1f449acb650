"""Time to event: how long from a start to the first of something, with censoring and competing reasons."""
