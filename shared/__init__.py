"""What the three services have in common: messages, bus, database, web, security, settings, logging.

Nothing here may import a service.
"""
