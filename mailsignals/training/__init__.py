"""Learning from customers who left: snapshots, training, backtests, and the model in use."""
