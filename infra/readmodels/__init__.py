"""Read models: projector, generations, rebuild, verify, dead letters."""
