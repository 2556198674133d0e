"""Every call through a real SDK, written once: one module an area, over SDKs that speak in processes of their own.

An area calls by the names of the newer Python SDKs; `calls.py` says what each is in the other families. The `programs`
run apart from the project, with nothing but an SDK on their path, as an integrator's program would.
"""
