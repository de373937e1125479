"""What the health-code platform shows: as it acknowledges, told by registry, and as it lists itself."""
