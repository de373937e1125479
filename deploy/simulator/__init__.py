"""Simulated laboratories: what a laboratory's system does to ours, over HTTP only.

`python -m deploy.simulator play` lets laboratories of different temper post to a running system;
`python -m deploy.simulator check` runs the conformance script of a laboratory against a sandbox.
"""
