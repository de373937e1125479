"""Results in the standards that laboratory systems speak, HL7 v2 and FHIR: as rows, and answered in kind."""
