from analytics.models.parameter import Parameter
from analytics.models.review import ActionItem, Review, ReviewLine
from analytics.models.tally import Tally, TallyLine

__all__ = ["ActionItem", "Parameter", "Review", "ReviewLine", "Tally", "TallyLine"]
