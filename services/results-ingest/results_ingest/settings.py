"""Settings of results-ingest; each is explained in deploy/example.env."""

from shared.settings import Settings


class ResultsIngestSettings(Settings):
    """Common settings; what results-ingest adds comes here with its default and its source."""
