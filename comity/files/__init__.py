"""Files from outside, made safe."""
