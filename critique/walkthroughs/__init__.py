"""Recorded versions of the work: their upload, the steps behind them, their words."""
