"""What people are told between digests: which matters there are, who is told of them when, and in which words."""
