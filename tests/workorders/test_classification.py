"""Suggestions of categories and urgent words, from the stored model or the category tree."""

import pytest

from hotline.lib.cached import Cached
from tests.makers import NOON
from tests.workorders.test_learning import BUS, NOISE, WATER, examples
from workorders import classification, training
from workorders.classification import suggest_categories, urgency_of
from workorders.models import Category, ClassifierModel, UrgencyWord

pytestmark = pytest.mark.django_db

REFUSE, WATER_CUT, NOISE_LEAF, BUS_LEAF = "020103", "060101", "020108", "040104"
LEAVES = examples(**{WATER_CUT: WATER, NOISE_LEAF: NOISE, BUS_LEAF: BUS})
NAMED = examples(water=WATER, noise=NOISE, bus=BUS)


def train(rows=LEAVES, name="default", **options) -> ClassifierModel:
    return training.train(name, rows, now=NOON, **options)


# --- Without a model ----------------------------------------------------------------------------------


def test_without_a_model_the_keywords_suggest():
    assert suggest_categories("小区垃圾没人清运")[0] == (REFUSE, 0.9)


def test_at_most_the_wanted_number_of_leaves_is_suggested():
    assert len(suggest_categories("垃圾 噪音 公交 地铁 停车费 医保", limit=2)) == 2


def test_a_retired_leaf_is_not_suggested():
    Category.objects.filter(code=REFUSE).update(is_active=False)

    assert REFUSE not in dict(suggest_categories("小区垃圾没人清运"))


def test_an_edited_keyword_counts():
    Category.objects.filter(code=REFUSE).update(keywords=["厨余", "投放点"])

    assert suggest_categories("厨余没有投放点")[0] == (REFUSE, 0.9)


# --- With a model ---------------------------------------------------------------------------------------


def test_a_model_of_leaves_suggests_with_probabilities():
    train()

    suggested = suggest_categories("又停水了", limit=10)

    assert suggested[0][0] == WATER_CUT
    assert sum(score for _code, score in suggested) == pytest.approx(1, abs=0.001)


def test_a_model_of_mapped_labels_suggests_leaves():
    train(NAMED, label_map={"water": WATER_CUT, "noise": NOISE_LEAF, "bus": BUS_LEAF})

    assert suggest_categories("又停水了")[0][0] == WATER_CUT


def test_what_speaks_for_a_merged_leaf_counts_for_its_successor():
    train()
    gone = Category.objects.filter(code=WATER_CUT)

    gone.update(is_active=False, merged_into=Category.objects.get(code=REFUSE))

    assert suggest_categories("又停水了")[0][0] == REFUSE


def test_labels_mapped_to_one_leaf_add_up():
    train(NAMED, label_map={"water": WATER_CUT, "noise": NOISE_LEAF, "bus": NOISE_LEAF})

    assert sum(score for _code, score in suggest_categories("又停水了")) == pytest.approx(1, abs=0.001)


def test_a_model_whose_labels_are_no_leaves_does_not_suggest():
    train(NAMED)

    assert suggest_categories("小区垃圾没人清运")[0] == (REFUSE, 0.9)


def test_a_model_of_another_name_does_not_suggest():
    train(name="trial")

    assert suggest_categories("小区垃圾没人清运")[0] == (REFUSE, 0.9)


def test_a_leaf_retired_after_the_training_is_not_suggested():
    train()
    Category.objects.filter(code=WATER_CUT).update(is_active=False)
    Cached.forget_all()

    assert WATER_CUT not in dict(suggest_categories("又停水了"))


def test_a_text_without_letters_gets_no_suggestion():
    train()

    assert suggest_categories(" 123 。") == []


def test_a_newer_version_takes_over():
    train()
    assert suggest_categories("又停水了")[0][0] == WATER_CUT

    train(examples(**{REFUSE: WATER, BUS_LEAF: BUS}))

    assert suggest_categories("又停水了")[0][0] == REFUSE


def test_a_damaged_model_counts_as_none():
    row = train()
    ClassifierModel.objects.filter(pk=row.pk).update(blob=b"torn")

    assert suggest_categories("小区垃圾没人清运")[0] == (REFUSE, 0.9)


def test_asking_again_costs_no_query(django_assert_num_queries):
    train()
    suggest_categories("又停水了")

    with django_assert_num_queries(0):
        suggest_categories("工地噪音")
        urgency_of("工地噪音")


# --- Urgent words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["楼下着火了", "家里有煤气味", "电梯困人", "有人想轻生", "老人突发心脏病", "有人持刀"]
)
def test_a_danger_to_life_is_an_emergency(text):
    assert urgency_of(text).level == "E1"


@pytest.mark.parametrize(
    "text", ["家里停水了", "小区停电", "暖气不热", "工地拖欠工资", "井盖缺失", "电梯坏了"]
)
def test_a_broken_lifeline_is_urgent(text):
    assert urgency_of(text).level == "E2"


@pytest.mark.parametrize(
    "text",
    [
        "小区卫生太差",
        "有人乱停电动车",
        "窗口态度不热情",
        "老小区没电梯",
        "随着火车站搬迁",
        "楼道有火灾隐患",
        "一直被困扰",
        "大面积水泥地破损",
        "请给电梯加装扶手",
        "您好,咨询社保",
    ],
)
def test_an_ordinary_matter_is_no_alarm(text):
    assert urgency_of(text) == ("N", [])


def test_a_word_switched_off_is_no_alarm():
    UrgencyWord.objects.filter(word="轻生").update(is_active=False)

    assert urgency_of("有人想轻生").level == "N"


# --- Versions -------------------------------------------------------------------------------------------


def test_each_training_is_a_version_and_the_newest_is_in_use():
    versions = [train().version, train().version]

    assert versions == [1, 2]
    assert list(ClassifierModel.objects.filter(is_current=True).values_list("version", flat=True)) == [2]


def test_old_versions_keep_their_figures_but_not_their_numbers():
    for _time in range(training.BLOBS_KEPT + 1):
        train()

    first = ClassifierModel.objects.get(version=1)
    assert bytes(first.blob) == b""
    assert first.figures["folds"] == 5
    kept = ClassifierModel.objects.exclude(blob=b"").count()
    assert kept == training.BLOBS_KEPT


def test_labels_are_told_apart_by_model_name():
    train(name="trial")
    train(NAMED, name="other")

    assert classification.labeller("trial")(["又停水了"])[0][0] == WATER_CUT
    assert classification.labeller("other")(["又停水了"])[0][0] == "water"


def test_a_model_that_does_not_exist_is_refused():
    with pytest.raises(classification.NoSuchModel):
        classification.labeller("nobody trained this")
