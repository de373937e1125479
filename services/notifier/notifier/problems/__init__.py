"""Problems of inspections: each ordered to be put right by a day, re-checked and closed by somebody else."""
