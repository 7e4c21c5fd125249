"""The pages of accounts, one module a subject."""

from hotline.accounts.views.login import locked_out

__all__ = ["locked_out"]
