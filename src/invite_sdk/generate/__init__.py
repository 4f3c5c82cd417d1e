"""Makes generated/ from openapi/ with openapi-python-client and this project's templates.

`specification` derives the generator's input, `rendering` is what the templates call, `output` formats and compares.
"""
