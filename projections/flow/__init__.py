"""Flow: which level follows which, who comes back, and where journeys end."""
