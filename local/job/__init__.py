"""The main job, end to end, through the public API alone: what `make demo` and `make hillstrom` share."""
