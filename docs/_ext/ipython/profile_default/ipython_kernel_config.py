"""The kernels of notebooks: errors only, for each would warn that it listens on this machine."""

c = get_config()  # noqa: F821  what IPython gives to this file
c.IPKernelApp.log_level = "ERROR"
