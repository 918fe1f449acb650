"""Import FHIR R4: other systems' resources, and our own exports, as history."""
