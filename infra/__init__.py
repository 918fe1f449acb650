"""How journeys are kept and moved: log, projector, importers, simulator, settings."""
