"""Headings for accounts without a group."""

NO_CSM = "Accounts without a CSM"
NO_TIER = "Accounts without a tier"
