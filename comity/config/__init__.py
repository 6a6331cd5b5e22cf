"""How one installation is set up: options from the environment, Django's settings, addresses, checks."""
