"""Shares of a group sampled in a week or month, full cover over a longer period, and who is behind them."""
