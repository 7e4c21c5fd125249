"""The one signal that goes upwards. Sent inside the transaction: a receiver that raises undoes the change."""

from django.dispatch import Signal

order_changed = Signal()
"""Arguments: order (locked, saved), event (its newest OrderEvent). Receivers write rows or refuse, nothing
else."""
