"""Times that count against nobody, as people record them: looked at before, recorded, carried to all, ended."""
