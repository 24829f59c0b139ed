"""What really happens with Gmail and Microsoft 365, scenario by scenario, through the whole of a sync."""
