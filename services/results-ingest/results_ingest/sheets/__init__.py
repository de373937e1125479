"""Results as sheets: the columns, each laboratory's own headers and words, and what a sheet says as rows."""
