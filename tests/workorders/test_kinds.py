"""Cue words tell the kind of a matter."""

import pytest

from workorders.kinds import cues, suggest_kind
from workorders.models import Kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("请问社保卡怎么办理?需要什么材料", "inquiry"),
        ("咨询公积金提取条件", "inquiry"),
        ("投诉超市卖过期食品,态度恶劣", "complaint"),
        ("举报村干部贪污低保款", "report"),
        ("建议在路口增设红绿灯", "suggestion"),
        ("送来锦旗,表扬供热公司师傅深夜抢修", "thanks"),
        ("楼道漏水无人维修,请尽快解决", "help"),
        ("井盖丢了没人管,谢谢", ""),
        ("今天天气很好", ""),
    ],
)
def test_the_words_decide(text, kind):
    assert suggest_kind(text) == kind


@pytest.mark.django_db
def test_the_table_speaks_of_kinds_that_exist():
    assert {kind for kind, _word, _weight in cues()} <= set(Kind.objects.values_list("code", flat=True))


def test_no_word_stands_twice():
    words = [word for _kind, word, _weight in cues()]
    assert len(words) == len(set(words))
