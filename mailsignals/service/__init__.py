"""The background service: scheduled jobs in processes of their own, the dashboard, monitoring and logs."""
