"""Names of the accounts that belong to no group."""

NO_CSM = "accounts without a CSM"
NO_TIER = "accounts without a tier"
