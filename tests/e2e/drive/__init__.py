"""A program as an integrator wrote it, with an official Python SDK and one line changed: one module an area.

Runs apart from the project, with nothing but this package and the SDK on its path. The two SDKs differ in how a client
is made; their routers have the same methods.
"""
