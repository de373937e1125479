"""Re-check and re-sample tasks."""
