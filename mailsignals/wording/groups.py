"""Headings for accounts without a group."""

NO_CSM = "accounts without a CSM"
NO_TIER = "accounts without a tier"
