"""Generated clients, one package a service: pure functions and wire models, no I/O."""
