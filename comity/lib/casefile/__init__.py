"""Case files: an archive that anyone can verify with nothing but Python. `verify` is the script that lies in each."""
