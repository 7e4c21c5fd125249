"""What may be seen of a person, and what is found in free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.lib.masking import (
    find_personal,
    is_bank_card,
    is_id_number,
    mask_address,
    mask_id,
    mask_name,
    mask_phone,
    mask_text,
    normal_phone,
)

ID = "11010519491231002X"  # the sample of GB 11643


def with_luhn(digits):
    return next(digits + check for check in "0123456789" if is_bank_card(digits + check))


CARD = with_luhn("622202020011223345")


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("013800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+86－138 0013 8000", "13800138000"),
        ("0531-82961234", "053182961234"),
        ("(0531) 8296 1234", "053182961234"),
        ("+86 531 8296 1234", "053182961234"),
        ("010-65121234", "01065121234"),
        ("82961234", "82961234"),
        ("400-800-1234", "4008001234"),
        ("+86 400 800 1234", "4008001234"),
        ("12345", "12345"),
        ("110", "110"),
        ("95588", "95588"),
        ("+852 9123 4567", "0085291234567"),
    ],
)
def test_a_number_has_one_form_however_it_is_typed(typed, normal):
    assert normal_phone(typed) == normal
    assert normal_phone(normal) == normal


@pytest.mark.parametrize(
    "typed", ["", " ", "12", "abc", "1380013800", "138001380001", "12345678901", "0531", "82961234转8", "٣٨"]
)
def test_what_cannot_be_called_is_refused(typed):
    with pytest.raises(ValueError, match="not a telephone number"):
        normal_phone(typed)


@pytest.mark.parametrize(
    ("phone", "seen"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "138****1234"),
        ("0531-82961234", "0531****1234"),
        ("010 65121234", "010****1234"),
        ("82961234", "****1234"),
        ("12345", "***45"),
        ("110", "*10"),
        ("", ""),
        ("no number", "****"),
        ("0085291234567", "****4567"),
    ],
)
def test_a_phone_is_masked(phone, seen):
    assert mask_phone(phone) == seen


@pytest.mark.parametrize(
    ("name", "seen"),
    [("王小明", "王**"), ("王", "王**"), (" 欧阳娜娜 ", "欧**"), ("", ""), ("Li Lei", "L**")],
)
def test_a_name_shows_its_first_character(name, seen):
    assert mask_name(name) == seen


@pytest.mark.parametrize(("number", "seen"), [(ID, "110***********002X"), ("", ""), ("12345678", "****")])
def test_an_identity_number_shows_three_and_four(number, seen):
    assert mask_id(number) == seen


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("历下区中山东路88号3号楼2单元501室", "历下区中山东路88号3号楼****"),
        ("历下区中山东路88号", "历下区中山东路88号"),
        ("中山东路88号王记烧烤", "中山东路88号****"),
        ("阳光花园12栋一单元302", "阳光花园12栋****"),
        ("阳光花园B座1203室", "阳光花园B座****"),
        ("阳光花园3-2-501", "阳光花园3****"),
        ("阳光花园二单元501", "阳光花园****"),
        ("地铁2号线泉城广场站", "地铁2号线泉城广场站"),
        ("泉城广场", "泉城广场"),
        ("中山东路８８号３号楼５０１", "中山东路88号3号楼****"),
        ("", ""),
    ],
)
def test_an_address_ends_at_the_building(address, seen):
    assert mask_address(address) == seen


def test_an_identity_number_must_have_its_check_character():
    assert is_id_number(ID)
    assert not is_id_number(ID[:-1] + "1")


def test_an_identity_number_must_have_a_birthday():
    assert not is_id_number("110105194913310022")


def test_a_bank_card_must_pass_luhn():
    assert is_bank_card(CARD)
    assert not is_bank_card(CARD[:-1] + str((int(CARD[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("请回电13800138000谢谢", "mobile", "13800138000"),
        ("请回电 138 0013 8000。", "mobile", "138 0013 8000"),
        ("电话１３８００１３８０００", "mobile", "１３８００１３８０００"),
        ("电话+86 13800138000", "mobile", "+86 13800138000"),
        ("打0531-82961234没人接", "landline", "0531-82961234"),
        ("打(0531)82961234没人接", "landline", "(0531)82961234"),
        ("联系电话：82961234", "landline", "82961234"),
        (f"身份证{ID}，", "id_card", ID),
        (f"身份证{ID.lower()}，", "id_card", ID.lower()),
        (f"卡号{CARD}被扣", "bank_card", CARD),
        ("车牌鲁A12345违停", "plate", "鲁A12345"),
        ("车牌鲁A·D12345违停", "plate", "鲁A·D12345"),
        ("车牌鲁AF1234学", "plate", "鲁AF1234学"),
        ("车牌鲁a12345违停", "plate", "鲁a12345"),
    ],
)
def test_personal_data_is_found_in_free_text(text, kind, what):
    assert [(span.kind, text[span.start : span.end]) for span in find_personal(text)] == [(kind, what)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345热线",
        "工单JN20260213A1B2C3D",
        "工单JN20260213123456712",
        "中山东路88号3号楼2单元501室",
        "2026年2月13日14:30，罚款20260213元",
        "面积82961234平方米",
        "运单1380013800012345",
        "编号123456789012345678",
        "在A12345出口",
        "鲁AABCDEF",
    ],
)
def test_other_numbers_are_left_alone(text):
    assert find_personal(text) == []


def test_several_finds_stand_in_reading_order():
    text = f"鲁A12345车主13800138000，身份证{ID}，座机0531-82961234"
    assert [span.kind for span in find_personal(text)] == ["plate", "mobile", "id_card", "landline"]


def test_a_text_is_masked_in_place():
    text = f"鲁A12345车主13812341234，身份证{ID}，座机0531-82961234，卡{CARD}。"
    seen = f"鲁A***45车主138****1234，身份证110***********002X，座机0531****1234，卡****{CARD[-4:]}。"
    assert mask_text(text) == seen


PIECES = st.lists(
    st.sampled_from(["13800138000", ID, CARD, "鲁A12345", "0531-82961234", "请", "，", " ", "1", "A"])
)


@given(PIECES.map("".join))
def test_spans_never_overlap(text):
    spans = find_personal(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(left.end <= right.start for left, right in zip(spans, spans[1:], strict=False))


@given(PIECES.map("，".join))
def test_masking_leaves_nothing_to_find(text):
    assert find_personal(mask_text(text)) == []


@given(st.text())
def test_no_text_breaks_a_mask(text):
    for mask in (mask_phone, mask_name, mask_id, mask_address, mask_text):
        mask(text)
