"""The processes of `comity serve`. Nothing here imports Django: who only watches should weigh little."""
