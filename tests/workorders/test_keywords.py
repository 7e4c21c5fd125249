"""Words that speak for a category or for urgency: the lists are passed in, no database."""

from workorders.keywords import Leaf, score_keywords, urgency_in, word_levels, words_in

LIFT = Leaf("010106", ("电梯", "停运", "维保"), "E2")
TRAPPED = Leaf("010107", ("电梯困人", "被困"), "E1")
REFUSE = Leaf("020103", ("垃圾", "清运", "保洁", "公厕"))
ESTATE = Leaf("010101", ("物业", "保洁", "物业费"))
LEAK = Leaf("010102", ("漏水", "裂缝"))
BURST = Leaf("060102", ("爆管", "漏水"), "E1")
POWER_CUT = Leaf("060201", ("停电", "跳闸"), "E2")
ALL = [ESTATE, LEAK, LIFT, TRAPPED, REFUSE, BURST, POWER_CUT]


def scores(text, leaves=ALL, harmless=()):
    return [(hit.code, hit.score) for hit in score_keywords(text, leaves, harmless)]


def test_two_distinct_words_of_a_single_leaf_are_sure():
    assert scores("垃圾好几天没人清运") == [("020103", 0.9)]


def test_the_same_word_twice_is_one_word():
    assert scores("垃圾,垃圾,到处是垃圾")[0][1] < 0.9


def test_one_word_is_not_sure():
    assert scores("门口有垃圾") == [("020103", 0.55)]


def test_two_leaves_with_two_words_each_are_not_sure():
    assert all(score < 0.9 for _code, score in scores("垃圾没人清运,电梯又停运"))


def test_the_leaf_with_most_words_comes_first():
    assert scores("电梯停运,垃圾没清运,公厕也脏")[0] == ("020103", 0.75)


def test_a_word_of_another_leaf_beside_a_sure_one_leaves_no_clear_margin():
    (first, best), (second, next_best) = scores("垃圾没人清运,墙上有裂缝")

    assert (first, second) == ("020103", "010102")
    assert best == 0.9
    assert best - next_best < 0.3


def test_a_word_that_two_leaves_share_is_no_evidence_against_the_sure_one():
    (first, best), (second, next_best) = scores("垃圾堆着,保洁不来")

    assert (first, second) == ("020103", "010101")
    assert best - next_best >= 0.3


def test_several_leaves_with_one_word_each_are_ordered_by_the_longest_word():
    assert scores("电梯困人,门口有垃圾") == [("010107", 0.4), ("020103", 0.3)]


def test_equal_leaves_are_ordered_by_code():
    assert [code for code, _score in scores("家里漏水")] == ["010102", "060102"]


def test_a_word_inside_a_longer_one_does_not_count():
    assert words_in("电梯困人了", ["电梯", "电梯困人"]) == ["电梯困人"]


def test_a_word_that_also_stands_alone_counts():
    assert words_in("电梯坏了,电梯困人", ["电梯", "电梯困人"]) == ["电梯困人", "电梯"]


def test_line_breaks_and_full_width_forms_hide_no_word():
    assert words_in("电\n梯 WIFI", ["电梯", "wifi"]) == ["wifi", "电梯"]


def test_an_ordinary_phrase_hides_the_word_inside_it():
    assert scores("有人乱停电动车", harmless=["停电动"]) == []


def test_no_word_gives_no_suggestion():
    assert scores("您好") == []
    assert scores("") == []


# --- Urgency ----------------------------------------------------------------------------------------


def urgency(text, **own):
    return urgency_in(text, word_levels(ALL, own))


def test_a_word_of_an_emergency_leaf_is_an_emergency():
    assert urgency("有人被困") == ("E1", ["被困"])


def test_a_word_of_a_lifeline_leaf_is_a_lifeline():
    assert urgency("我家停电了") == ("E2", ["停电"])


def test_the_highest_level_counts_and_its_words_come_first():
    assert urgency("停电了,电梯困人") == ("E1", ["电梯困人", "停电"])


def test_a_word_that_an_ordinary_leaf_has_too_is_no_alarm():
    assert urgency("墙面漏水") == ("N", [])


def test_the_citys_own_list_wins_over_the_leaves():
    assert urgency("电梯该做维保了", 电梯="N", 维保="N") == ("N", [])
    assert urgency("有人想轻生", 轻生="E1") == ("E1", ["轻生"])


def test_an_ordinary_phrase_is_no_alarm():
    assert urgency("有人乱停电动车", 停电动="N") == ("N", [])
    assert urgency("乱停电动车,还停电", 停电动="N") == ("E2", ["停电"])
