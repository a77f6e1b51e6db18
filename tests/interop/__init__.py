"""Other people's platforms and tools, each in a process of its own, speaking LTI 1.3 over HTTP."""
