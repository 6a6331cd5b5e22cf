"""What the one door does behind it: judge in memory, write down what that gives, let moments pass."""
