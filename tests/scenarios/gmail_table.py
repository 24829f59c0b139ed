"""The scenarios of Gmail."""

from tests.scenarios.gmail_tenant import GmailTenant
from tests.scenarios.table import Table

scenario = Table[GmailTenant]()
