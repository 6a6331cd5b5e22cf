"""What the facts know about a case, what they say against it, what stands before it."""
