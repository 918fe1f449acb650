"""FHIR R4 (4.0.1): a chart as resources other systems read, and resources of other systems as history."""
