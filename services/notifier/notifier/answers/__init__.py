"""Tasks that a department or township has to answer."""
