"""What every HTTP surface shares: the app, bodies, problems, paging and documentation pages."""
