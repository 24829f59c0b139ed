"""What a CSM reads: content first, rendering after."""
