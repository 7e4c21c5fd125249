"""Learning and scoring texts: no database."""

import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from workorders.learning import CannotLearn, Corpus, Example, figures, folds, held_out_scores, learn
from workorders.textmodel import DamagedModel, TextModel, grams, plain

WATER = [
    "小区停水两天了",
    "自来水停水没有通知",
    "家里停水,水压很低",
    "水管爆了,一直停水",
    "停水没人管",
    "自来水发黄停水",
]
NOISE = ["夜间施工噪音太大", "工地噪音扰民", "广场舞噪音", "半夜施工睡不着", "楼下噪音投诉", "施工噪音一整夜"]
BUS = ["公交车不停站", "公交线路取消了", "等公交半小时", "公交末班车太早", "公交站牌错了", "公交司机态度"]


def examples(**texts):
    return [Example(text, label) for label, rows in texts.items() for text in rows]


THREE = examples(bus=BUS, noise=NOISE, water=WATER)


def trained() -> TextModel:
    return learn(THREE)[0]


def test_a_learned_model_knows_what_it_was_taught():
    names = [name for name, _share in trained().predictions(["又停水了", "工地噪音", "公交太慢"])]

    assert names == ["water", "noise", "bus"]


def test_probabilities_have_a_row_per_text_that_sums_to_one():
    shares = trained().probabilities(["停水", "噪音", "", "quite another language"])

    assert shares.shape == (4, 3)
    assert shares.sum(axis=1) == pytest.approx(np.ones(4))


def test_no_texts_give_no_rows():
    assert trained().predictions([]) == []


def test_two_labels_need_no_third():
    model, _figures = learn(examples(noise=NOISE, water=WATER))

    assert [name for name, _share in model.predictions(["停水", "噪音"])] == ["water", "noise"]


def test_learning_twice_gives_the_same_numbers():
    assert trained().to_bytes() == trained().to_bytes()


def test_a_label_with_a_single_row_is_learned_too():
    model, _figures = learn([*THREE, Example("路灯不亮", "lamp")])

    assert model.predictions(["路灯不亮"])[0][0] == "lamp"


def test_one_label_cannot_be_learned():
    with pytest.raises(CannotLearn):
        learn(examples(water=WATER))


def test_texts_without_letters_cannot_be_learned():
    with pytest.raises(CannotLearn):
        learn([Example("123", "a"), Example("。。。", "b")])


def test_a_column_full_of_different_labels_is_refused():
    with pytest.raises(CannotLearn):
        learn([Example(f"text {number}", f"label {number}") for number in range(501)])


# --- Features ---------------------------------------------------------------------------------------


def test_text_is_reduced_to_its_letters():
    assert plain("Wi-Fi 又断了!电话 13812345678") == "wifi又断了电话"


def test_full_width_letters_are_the_same_letters():
    assert plain("ABC") == "abc"


def test_grams_are_all_runs_of_one_to_three_letters():
    assert sorted(grams("停水 了")) == sorted(["停", "水", "了", "停水", "水了", "停水了"])


def test_weights_of_grams_agree_with_the_reference_implementation():
    texts = [example.text for example in THREE]
    reference = TfidfVectorizer(analyzer=grams, sublinear_tf=True)
    wanted = reference.fit_transform(texts).toarray()

    matrix, words, _idf = Corpus(THREE).weighted(np.arange(len(THREE)))

    columns = [reference.vocabulary_[word] for word in words]
    assert matrix.toarray() == pytest.approx(wanted[:, columns])


def test_scores_of_one_text_agree_with_the_training_matrix():
    model = trained()
    matrix, words, _idf = Corpus(THREE).weighted(np.arange(len(THREE)))
    assert words == list(model.vocabulary)

    scores = model.scores([example.text for example in THREE])

    assert scores == pytest.approx(matrix @ model.weights + model.intercept, abs=1e-5)


# --- Judging ----------------------------------------------------------------------------------------


def test_near_duplicates_are_never_on_both_sides():
    rows = [
        Example(f"{text}{number}", "water" if number % 2 else "noise", str(number // 4))
        for number, text in enumerate(WATER * 4 + NOISE * 4)
    ]

    for train, test in folds(rows):
        assert not {rows[row].group for row in train} & {rows[row].group for row in test}


def test_equal_texts_without_a_group_are_never_on_both_sides():
    rows = [example for example in THREE for _copy in range(3)]

    for train, test in folds(rows):
        assert not {rows[row].text for row in train} & {rows[row].text for row in test}


def test_every_row_is_tested_once():
    tested = [row for _train, test in folds(THREE) for row in test]

    assert sorted(tested) == list(range(len(THREE)))


def test_an_extra_row_of_a_tested_group_does_not_train():
    alone = [
        Example(text, label, f"{label} {at}")
        for label, rows in (("noise", NOISE), ("water", WATER))
        for at, text in enumerate(rows)
    ]
    betrayal = [Example(f"{example.text}答案", "noise", example.group) for example in alone]
    labels = ["noise", "water"]

    with_twins, _folds = held_out_scores(Corpus([*alone, *betrayal]), len(alone), labels)

    first = folds(alone)[0][1]
    honest = [twin for twin in betrayal if twin.group not in {alone[row].group for row in first}]
    without, _folds = held_out_scores(Corpus([*alone, *honest]), len(alone), labels)
    assert with_twins[first] == pytest.approx(without[first])


def test_too_few_rows_for_folds_are_told():
    _model, told = learn([Example("停水", "water"), Example("噪音", "noise")])

    assert told == {"folds": 0}


def test_figures_of_a_worked_example():
    told = figures(["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "d", "a"])

    assert told["accuracy"] == 0.5
    assert told["per_class"]["a"] == {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "rows": 3}
    assert told["per_class"]["b"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "rows": 2}
    assert told["per_class"]["d"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "rows": 0}
    assert told["macro_f1"] == round((2 / 3 + 1 / 2) / 4, 4)


def test_figures_of_nothing_are_refused():
    with pytest.raises(ValueError, match="no rows"):
        figures([], [])


# --- Storage ----------------------------------------------------------------------------------------


def test_a_stored_model_gives_the_same_answers():
    model = trained()

    again = TextModel.from_bytes(model.to_bytes())

    assert again.labels == model.labels
    assert (again.probabilities(["停水了", ""]) == model.probabilities(["停水了", ""])).all()


@pytest.mark.parametrize("blob", [b"", b"cos\nsystem\n(S'true'\ntR.", b"PK\x03\x04", json.dumps({}).encode()])
def test_bytes_that_are_no_model_are_refused(blob):
    with pytest.raises(DamagedModel):
        TextModel.from_bytes(blob)


def test_a_model_cut_short_is_refused():
    with pytest.raises(DamagedModel):
        TextModel.from_bytes(trained().to_bytes()[:-200])


def test_a_model_with_an_object_inside_is_refused_unread():
    buffer = io.BytesIO()
    np.savez(buffer, head=np.array([{"code": "would run"}], dtype=object), allow_pickle=True)

    with pytest.raises(DamagedModel):
        TextModel.from_bytes(buffer.getvalue())


def test_parts_that_do_not_fit_together_are_refused():
    with np.load(io.BytesIO(trained().to_bytes())) as stored:
        parts = dict(stored)
    buffer = io.BytesIO()
    np.savez(buffer, **{**parts, "bias": parts["bias"][:-1]})

    with pytest.raises(DamagedModel):
        TextModel.from_bytes(buffer.getvalue())


def test_a_stored_model_holds_arrays_only():
    with zipfile.ZipFile(io.BytesIO(trained().to_bytes())) as archive:
        assert sorted(archive.namelist()) == [
            "bias.npy",
            "head.npy",
            "idf.npy",
            "intercept.npy",
            "weights.npy",
        ]


def test_scoring_does_not_load_the_training_library():
    check = "import sys, workorders.textmodel; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
