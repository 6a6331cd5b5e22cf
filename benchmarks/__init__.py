"""What is measured, how, against what. Ratios in one run, for machines are noisy; results as JSON and plots."""
