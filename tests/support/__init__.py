"""Servers that speak a provider's wire protocol on this machine, for the tests."""
