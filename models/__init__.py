"""Churn models, which work on frames of features and labels and do not depend on mail."""
