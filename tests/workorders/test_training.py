"""The commands that train, judge and ask a classifier, and what orders teach."""

import csv
import gzip
import json
import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.makers import NOON, make_order
from tests.workorders.test_learning import BUS, NOISE, WATER
from workorders import intake, training
from workorders.lifecycle import State
from workorders.models import ClassifierModel, TrainingRow

pytestmark = pytest.mark.django_db

REFUSE, WATER_CUT, NOISE_LEAF = "020103", "060101", "020108"
LABELLED = (
    [("water", text) for text in WATER]
    + [("noise", text) for text in NOISE]
    + [("bus", text) for text in BUS]
)
needs_evaluation_data = pytest.mark.skipif(
    "HOTLINE_EVALUATION_DATA" not in os.environ,
    reason="needs the public evaluation messages, which are not part of Hotline",
)


@pytest.fixture
def labelled(tmp_path) -> Path:
    return write(
        tmp_path / "labelled.csv",
        ["title", "content", "label"],
        [("", text, name) for name, text in LABELLED],
    )


def write(path: Path, columns, rows, *, start="", lineterminator="\n") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(start)
        writer = csv.writer(file, lineterminator=lineterminator)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def run(*arguments, **options) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def predicted(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- train_classifier -----------------------------------------------------------------------------------


def test_training_stores_a_version_and_prints_its_figures(labelled):
    told = json.loads(run("train_classifier", labelled))

    row = ClassifierModel.objects.get(name="default")
    assert (told["version"], told["rows"], told["labels"], told["folds"]) == (1, 18, 3, 5)
    assert told["macro_f1"] == row.figures["macro_f1"]
    assert set(told["per_class"]) == {"water", "noise", "bus"}


def test_labels_that_are_no_leaves_do_not_serve(labelled):
    assert json.loads(run("train_classifier", labelled))["serves"] is False


def test_a_map_makes_labels_serve(labelled, tmp_path):
    leaves = write(
        tmp_path / "map.csv",
        ["label", "leaf"],
        [("water", WATER_CUT), ("noise", NOISE_LEAF), ("bus", "040104")],
    )

    assert json.loads(run("train_classifier", labelled, "--map", leaves))["serves"] is True


@pytest.mark.parametrize(
    "mapped", [[("water", WATER_CUT)], [("water", WATER_CUT), ("noise", "06"), ("bus", "nowhere")]]
)
def test_a_map_that_misses_a_label_or_names_no_leaf_is_refused(labelled, tmp_path, mapped):
    leaves = write(tmp_path / "map.csv", ["label", "leaf"], mapped)

    with pytest.raises(CommandError):
        run("train_classifier", labelled, "--map", leaves)


def test_columns_may_have_other_names(tmp_path):
    rows = [("", text, name, number) for number, (name, text) in enumerate(LABELLED)]
    path = write(tmp_path / "other.csv", ["subject", "body", "level1", "grp"], rows)

    told = json.loads(
        run(
            "train_classifier",
            path,
            "--title",
            "subject",
            "--content",
            "body",
            "--label",
            "level1",
            "--group",
            "grp",
        )
    )

    assert told["rows"] == 18


def test_extra_rows_train_but_are_not_tested(labelled, tmp_path):
    extra = write(
        tmp_path / "extra.csv", ["tokens", "label"], [("供暖 不 热", "heat"), ("暖气 不 热", "heat")]
    )

    told = json.loads(run("train_classifier", labelled, "--extra", extra, "--extra-content", "tokens"))

    assert told["rows"] == 20
    assert told["per_class"].get("heat", {"rows": 0})["rows"] == 0


def test_rows_without_a_label_or_a_text_are_passed_over(tmp_path):
    rows = [("", text, name) for name, text in LABELLED] + [("", "no label", ""), ("", " ", "water")]
    path = write(tmp_path / "gaps.csv", ["title", "content", "label"], rows)

    assert json.loads(run("train_classifier", path))["rows"] == 18


def test_a_file_and_orders_at_once_are_refused(labelled):
    with pytest.raises(CommandError):
        run("train_classifier", labelled, "--from-orders")


def test_nothing_to_train_from_is_refused():
    with pytest.raises(CommandError):
        run("train_classifier")


# --- predict_categories and evaluate_classifier ---------------------------------------------------


def test_every_row_gets_the_models_label_and_a_probability(labelled, tmp_path):
    run("train_classifier", labelled)
    asked = write(
        tmp_path / "asked.csv", ["id", "title", "content"], [("7", "停水", "两天了"), ("7", "", "公交太慢")]
    )

    run("predict_categories", asked, tmp_path / "out.csv")

    rows = predicted(tmp_path / "out.csv")
    assert [(row["id"], row["label"]) for row in rows] == [("7", "water"), ("7", "bus")]
    assert all(0 < float(row["score"]) <= 1 for row in rows)


def test_without_a_model_keywords_label_with_leaves(tmp_path):
    asked = write(
        tmp_path / "asked.csv", ["id", "title", "content"], [("1", "垃圾", "没人清运"), ("2", "", "您好")]
    )

    run("predict_categories", asked, tmp_path / "out.csv")

    assert predicted(tmp_path / "out.csv") == [
        {"id": "1", "label": REFUSE, "score": "0.9000"},
        {"id": "2", "label": "", "score": "0.0000"},
    ]


def test_a_model_is_judged_on_rows_it_has_not_seen(labelled, tmp_path):
    run("train_classifier", labelled)
    rows = [("", "又停水了", "water"), ("", "公交不来", "bus"), ("", "噪音", "water")]
    asked = write(tmp_path / "unseen.csv", ["title", "content", "label"], rows)

    told = json.loads(run("evaluate_classifier", asked))

    assert set(told) == {"accuracy", "macro_f1", "per_class"}
    assert told["accuracy"] == 0.6667
    assert told["per_class"]["water"]["recall"] == 0.5


@pytest.mark.parametrize("command", ["predict_categories", "evaluate_classifier"])
def test_a_model_nobody_trained_is_refused(command, labelled, tmp_path):
    rest = [tmp_path / "out.csv"] if command == "predict_categories" else []

    with pytest.raises(CommandError):
        run(command, labelled, *rest, "--model", "nobody")


def test_an_answer_that_cannot_be_written_is_refused(tmp_path):
    asked = write(tmp_path / "asked.csv", ["id", "title", "content"], [("1", "", "停水")])

    with pytest.raises(CommandError):
        run("predict_categories", asked, tmp_path / "missing folder" / "out.csv")


# --- Files as they come -----------------------------------------------------------------------------------


def test_a_byte_order_mark_windows_lines_and_quoted_line_breaks_are_fine(tmp_path):
    rows = [("", text + "\r\n谢谢", name) for name, text in LABELLED]
    path = write(
        tmp_path / "excel.csv", ["title", "content", "label"], rows, start="\ufeff", lineterminator="\r\n"
    )

    assert json.loads(run("train_classifier", path))["rows"] == 18


def test_a_missing_title_column_is_fine(tmp_path):
    path = write(tmp_path / "plain.csv", ["content", "label"], [(text, name) for name, text in LABELLED])

    assert json.loads(run("train_classifier", path))["rows"] == 18


def bad_files(folder: Path) -> dict[str, Path]:
    good = "title,content,label\n,停水,water\n,噪音,noise\n"
    files = {
        "missing column": "title,text,label\n,停水,water\n".encode(),
        "not UTF-8": good.encode("gb18030"),
        "UTF-16": good.encode("utf-16"),
        "empty": b"",
        "blank": b"\n\n",
        "header only": b"title,content,label\n",
        "compressed": gzip.compress(good.encode()),
        "workbook": b"PK\x03\x04rest",
        "open quote": 'title,content,label\n,"停水,water\n'.encode(),
        "one label": "title,content,label\n,停水,water\n,停水了,water\n".encode(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in files} | {"absent": folder / "absent", "folder": folder}


@pytest.mark.parametrize(
    "kind",
    [
        "missing column",
        "not UTF-8",
        "UTF-16",
        "empty",
        "blank",
        "header only",
        "compressed",
        "workbook",
        "open quote",
        "one label",
        "absent",
        "folder",
    ],
)
def test_a_bad_file_gets_one_sentence(kind, tmp_path):
    with pytest.raises(CommandError) as refusal:
        run("train_classifier", bad_files(tmp_path)[kind])

    sentence = str(refusal.value)
    assert sentence.endswith((".", "\u3002"))
    assert "\n" not in sentence
    assert not ClassifierModel.objects.exists()


def test_a_bad_file_leaves_no_half_written_answer(tmp_path):
    asked = tmp_path / "asked.csv"
    asked.write_bytes(b"id,title,content\n1,,ok\n2,,\xff\xfe\n")

    with pytest.raises(CommandError):
        run("predict_categories", asked, tmp_path / "out.csv")

    assert not (tmp_path / "out.csv").exists()


# --- What orders teach --------------------------------------------------------------------------------------


def closed(content: str, category: str, **fields):
    return make_order(content=content, category=category, state=State.CLOSED, **fields)


def test_closed_orders_teach_their_final_category():
    closed("垃圾没人清运", REFUSE)
    closed("垃圾成堆", REFUSE)

    assert [example.label for example in training.examples_from_orders()] == [REFUSE, REFUSE]


def test_a_choice_on_an_open_order_teaches(operator):
    for content in ("又停水了", "水压低停水"):
        order = make_order(content=content, category=REFUSE)
        choice = {"category": WATER_CUT, "suggested": REFUSE}
        intake.classify(order.pk, actor=operator, now=NOON, expect=None, reason="heard again", **choice)

    assert [example.label for example in training.examples_from_orders()] == [WATER_CUT, WATER_CUT]


def test_the_final_category_wins_over_an_earlier_choice():
    orders = [closed("垃圾没人清运", REFUSE), closed("垃圾成堆", REFUSE)]
    TrainingRow.objects.create(order=orders[0], text="垃圾", label=WATER_CUT, source="intake", at=NOON)

    assert [example.label for example in training.examples_from_orders()] == [REFUSE, REFUSE]


def test_what_orders_teach_holds_no_phone_number():
    closed("垃圾没人清运,电话13812345678", REFUSE)
    closed("垃圾成堆", REFUSE)

    assert not any("13812345678" in example.text for example in training.examples_from_orders())


def test_a_leaf_chosen_only_once_is_left_out():
    closed("垃圾没人清运", REFUSE)

    assert training.examples_from_orders() == []


def test_training_from_orders_makes_a_model_that_serves():
    for refuse, water in (("垃圾没人清运", "停水两天"), ("垃圾成堆", "又停水")):
        closed(refuse, REFUSE)
        closed(water, WATER_CUT)

    told = json.loads(run("train_classifier", "--from-orders"))

    assert (told["rows"], told["serves"]) == (4, True)


def test_no_orders_teach_nothing():
    with pytest.raises(CommandError):
        run("train_classifier", "--from-orders")


# --- The nightly training -------------------------------------------------------------------------


@pytest.fixture
def taught(monkeypatch):
    """Enough orders for a night's training."""
    monkeypatch.setattr(training, "FEWEST_ORDERS", 4)
    for number in range(3):
        add_choice(f"垃圾没人清运{'又' * number}", REFUSE)
        add_choice(f"停水两天{'又' * number}", WATER_CUT)


def add_choice(text: str, label: str, at=NOON) -> None:
    TrainingRow.objects.create(text=text, label=label, source="intake", at=at)


def test_a_night_with_enough_orders_trains(taught):
    assert training.retrain(NOON).version == 1


def test_a_night_with_too_few_orders_trains_nothing(taught, monkeypatch):
    monkeypatch.setattr(training, "FEWEST_ORDERS", 7)

    assert training.retrain(NOON) is None


def test_a_night_without_news_trains_nothing(taught):
    training.retrain(NOON)

    assert training.retrain(NOON + timedelta(days=1)) is None


def test_news_train_again(taught):
    training.retrain(NOON)
    add_choice("垃圾桶满了没人清运", REFUSE, at=NOON + timedelta(hours=1))

    assert training.retrain(NOON + timedelta(days=1)).version == 2


def test_the_night_does_not_replace_what_a_person_trained_from_a_file(taught, labelled):
    run("train_classifier", labelled)

    assert training.retrain(NOON + timedelta(days=1)) is None


def test_a_worse_version_is_not_taken(taught):
    first = training.retrain(NOON)
    ClassifierModel.objects.filter(pk=first.pk).update(
        figures={"source": "orders", "accuracy": 1.5, "folds": 3}
    )
    add_choice("垃圾桶满了没人清运", REFUSE, at=NOON + timedelta(hours=1))

    assert training.retrain(NOON + timedelta(days=1)) is None
    assert ClassifierModel.objects.get(is_current=True).pk == first.pk


# --- Real messages ----


@needs_evaluation_data
def test_real_messages_reach_the_promised_figures():
    path = Path(os.environ["HOTLINE_EVALUATION_DATA"]) / "teddy_a2_raw_labelled.csv"

    told = json.loads(
        run(
            "train_classifier",
            path,
            "--title",
            "subject",
            "--content",
            "body",
            "--label",
            "level1",
            "--group",
            "grp",
        )
    )

    assert told["macro_f1"] >= 0.87
