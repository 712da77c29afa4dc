"""The error for an identifier that is left out."""


class Unusable(ValueError):
    """Its text is the reason, such as `placeholder`."""
