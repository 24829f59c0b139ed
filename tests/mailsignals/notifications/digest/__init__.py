"""What a CSM reads."""
