"""Administrative divisions, from the district down to grids, and what each grid has for a round."""
