"""The past in columns: facts as Parquet, replayed through the same judge, without Django."""
