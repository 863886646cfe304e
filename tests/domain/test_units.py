"""The unit file: exact counts, titles, words, order; what a wrong file is told."""

from collections import Counter
from importlib import resources

import pytest

from office.domain.errors import Invalid
from office.domain.organs import Level, OrganKind, OrganTree
from office.domain.units import CodedOrgan, Unit, organs_of, read_units

HEADER = "code,name,level,parent\r\n"


@pytest.fixture(scope="module")
def units() -> tuple[Unit, ...]:
    return read_units(resources.files("office").joinpath("data/xianyang_units.csv").read_bytes().decode("utf-8"))


@pytest.fixture(scope="module")
def city(units: tuple[Unit, ...]) -> dict[str, CodedOrgan]:
    return {one.code: one for one in organs_of(units)}


def test_the_city_has_its_four_tiers_in_full(units: tuple[Unit, ...]) -> None:
    assert Counter(unit.level for unit in units) == {
        Level.CITY: 1,
        Level.COUNTY: 14,
        Level.TOWNSHIP: 142,
        Level.VILLAGE: 2374,
    }


def test_every_superior_is_one_tier_up_and_stands_on_the_path(city: dict[str, CodedOrgan]) -> None:
    tree = OrganTree(one.organ for one in city.values())
    for organ in tree:
        above = tree.ascend(organ.id)
        assert [one.level for one in above] == [Level(n) for n in range(organ.level - 1, 0, -1)]
        assert organ.path == "/" + "/".join(str(one.id) for one in (*reversed(above), organ)) + "/"
    assert len(tree.subtree(1)) == 2530


def test_ids_are_the_order_of_the_file_and_stay(units: tuple[Unit, ...], city: dict[str, CodedOrgan]) -> None:
    assert [one.organ.id for one in city.values()] == list(range(1, 2532))
    assert [one.organ for one in organs_of(units)] == [one.organ for one in city.values()]
    assert {code: city[code].organ.id for code in ("6104", "610402", "610482", "610481106208")} == {
        "6104": 1,
        "610402": 2,
        "610482": 15,
        "610481106208": 2304,
    }


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("6104", "咸阳市人民政府"),
        ("610402", "秦都区人民政府"),
        ("610481", "兴平市人民政府"),
        ("610481106", "兴平市南位镇人民政府"),
        ("610402001", "秦都区人民路街道办事处"),
        ("610404001", "渭城区中山街街道办事处"),
        ("610481106208", "兴平市南位镇张里村民委员会"),
        ("610403003008", "杨陵区大寨街道康乐西路社区居民委员会"),
        ("610481001018", "兴平市东城街道西关社区居民委员会"),
        ("610424115232", "乾县大杨镇王居村民委员会"),
    ],
)
def test_each_organ_signs_with_its_title(city: dict[str, CodedOrgan], code: str, title: str) -> None:
    assert city[code].organ.title == title


def test_a_misspelt_name_stays_as_published_while_its_title_is_right(city: dict[str, CodedOrgan]) -> None:
    assert city["610403003008"].organ.name == "康乐西路社区居民委会"
    assert city["610481001018"].organ.name == "西关社区居委会会"


def test_every_village_signs_as_a_whole_committee_of_its_town(city: dict[str, CodedOrgan]) -> None:
    for code, one in city.items():
        if one.organ.kind is not OrganKind.VILLAGE:
            continue
        town, county = city[code[:9]].organ.name, city[code[:6]].organ.name
        ending = "居民委员会" if int(code[-3:]) < 200 else "村民委员会"
        assert one.organ.title.startswith(county + town)
        assert one.organ.title.endswith(ending)
        assert one.organ.title.count("委员会") == 1
        assert not one.organ.title.startswith(county + town + town + "镇")


def test_a_name_that_holds_its_town_does_not_double_it(city: dict[str, CodedOrgan]) -> None:
    titles = {one.organ.title for one in city.values()}
    assert "泾阳县永乐镇南流村村民委员会" in titles
    assert "泾阳县口镇口镇村民委员会" in titles  # the village is called 口镇村, its town 口镇


def test_repeated_names_differ_by_title_and_word(city: dict[str, CodedOrgan]) -> None:
    organs = [one.organ for one in city.values()]
    assert sum(organ.name == "城关街道" for organ in organs) == 6
    assert sum(organ.name == "新庄村委会" for organ in organs) == 9
    assert len({organ.title for organ in organs}) == 2531
    assert len({organ.word for organ in organs}) == 2531


def test_words_are_short_and_speak(city: dict[str, CodedOrgan]) -> None:
    words = {code: city[code].organ.word for code in ("6104", "610402", "610481106", "610402001")}
    assert words == {"6104": "咸政", "610402": "秦政", "610481106": "兴南位政", "610402001": "秦人办"}


def test_seals_have_the_diameter_of_their_tier(city: dict[str, CodedOrgan]) -> None:
    measured = {(one.organ.level, one.organ.seal_mm) for one in city.values()}
    assert measured == {(Level.CITY, 45), (Level.COUNTY, 45), (Level.TOWNSHIP, 42), (Level.VILLAGE, 38)}


def test_official_order_is_depth_first_with_room_for_departments(city: dict[str, CodedOrgan]) -> None:
    tree = OrganTree(one.organ for one in city.values())
    sorts = [organ.sort for organ in (tree[1], *tree.subtree(1))]
    assert sorts == list(range(0, 253_100, 100))
    assert [organ.name for organ in tree.children(1)][:3] == ["秦都区", "杨陵区", "渭城区"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("6104,咸阳市,city,\r\n6104,咸阳市,city,\r\n", "第 3 行：代码 6104 出现两次"),
        ("6104,咸阳市,city,\r\n610402001,人民路街道,town,6104\r\n", "第 3 行"),
        ("610402,秦都区,county,6104\r\n", "第 2 行：“秦都区”的上级 6104 不在表里"),
        ("6104,咸阳市,province,\r\n", "第 2 行：缺代码、名称或层级"),
        ("6104,,city,\r\n", "第 2 行：缺代码、名称或层级"),
    ],
)
def test_a_wrong_line_is_named(lines: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_units(HEADER + lines)


def test_a_neighbour_that_begins_alike_gets_a_longer_word() -> None:
    lines = "1,甲市,city,\r\n101,乙县,county,1\r\n101101,东镇,town,101\r\n101102,东山镇,town,101\r\n"
    words = {one.organ.name: one.organ.word for one in organs_of(read_units(HEADER + lines))}
    assert words == {"甲市": "甲政", "乙县": "乙政", "东镇": "乙东镇政", "东山镇": "乙东山政"}
