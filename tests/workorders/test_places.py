"""Places are read from texts only where they are meant."""

import pytest

from workorders.models import Place
from workorders.places import find_place, place_of

pytestmark = pytest.mark.django_db


def code(place):
    return place.code if place else None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("历下区泉城路街道有人乱扔垃圾", "370102004"),
        ("历下泉城路路灯坏了", "370102004"),
        ("历下区路灯坏了", "370102"),
        ("章丘的路灯坏了", "370114"),
        ("高新区孙村街道停水", "370176002"),
        ("泉城路街道有人乱扔垃圾", "370102004"),
        ("济南市路灯太暗", None),
        ("泉城路上堵车", None),
        ("社区平安建设做得好", None),
        ("天下太平,祝大家平安", None),
        ("城市中间的大桥", None),
        ("过天桥的时候摔了一跤", None),
        ("济南天桥区路灯坏了", "370105"),
        ("济南市天桥堵车", "370105"),
        ("爬南山看日出", None),
        ("", None),
    ],
)
def test_a_text_names_a_place(text, found):
    assert code(find_place(text)) == found


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("泉城路100号", "370102004"),
        ("市中舜耕路5号", "370103016"),
        ("市中经七路5号", "370103"),
        ("历城区泉城路100号", "370112"),
        ("平安大街3号", None),
        ("济阳区崔寨街道5号", "370115003"),
    ],
)
def test_an_address_is_believed_sooner(address, found):
    assert code(find_place(address, is_address=True)) == found


def test_a_place_of_two_parents_is_found_beside_either():
    place = Place.objects.filter(parent__code="3701Z1").exclude(gb_parent="3701Z1").first()
    district = Place.objects.get(code=place.gb_parent)
    assert find_place(f"{district.name_zh}{place.aliases[0]}路灯坏了") == place


def test_the_address_comes_before_the_text():
    assert code(place_of("历下区", "市中区的亲戚说")) == "370102"


def test_the_text_helps_where_there_is_no_address():
    assert code(place_of("", "槐荫区停水")) == "370104"


def test_a_retired_place_is_not_found():
    from hotline.lib.cached import Cached

    Place.objects.filter(code="370104").update(is_active=False)
    Cached.forget_all()
    assert find_place("槐荫区停水") is None
