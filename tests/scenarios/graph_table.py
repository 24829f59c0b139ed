"""The scenarios of Microsoft 365."""

from tests.scenarios.graph_tenant import GraphTenant
from tests.scenarios.table import Table

scenario = Table[GraphTenant]()
