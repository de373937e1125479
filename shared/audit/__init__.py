"""Who did what and who looked at whom: rows that are only ever added, chained, and signed for.

One way for all three services, each with a log and a chain of its own. A row names clients, ids, codes
and counts; never a number, a name, a phone or a free text.
"""
