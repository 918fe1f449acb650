"""The projector: folds clients, writes read models, rebuilds, verifies, retries."""
