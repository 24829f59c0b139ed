"""Prepared tables of the dashboard and API, so that no request has to read all mail."""
