"""Messages to touches: copies merged, accounts matched, mail merges left out, threads joined."""
