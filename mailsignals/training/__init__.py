"""Training on churn dates: snapshots, training, backtests, and the model in use."""
