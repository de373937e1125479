"""Inspectors, and the double random draw of targets and inspectors, repeatable from its seed."""
