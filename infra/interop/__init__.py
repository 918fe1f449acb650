"""Other systems: FHIR in and out, importers, exporters, and the feed."""
