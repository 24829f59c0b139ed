"""Churn models: they know frames of features and labels, not mail."""
