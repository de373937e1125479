"""What became of each row of a batch, taken out whole: CSV, XLSX or lines of JSON."""
