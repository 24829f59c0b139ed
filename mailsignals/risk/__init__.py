"""Signals to risk: state, score, level and reasons."""
