from analytics.models.review import ActionItem, Review
from analytics.models.tally import Tally

__all__ = ["ActionItem", "Review", "Tally"]
