"""The background service: jobs, when they are due, what came of them, and whether all is well."""
