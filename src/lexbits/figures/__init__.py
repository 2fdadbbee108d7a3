"""Records -> figures. Nothing is saved here: a figure is returned, or the bytes of its file."""
