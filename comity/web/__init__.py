"""The pages of buyer, seller, agent and public."""
