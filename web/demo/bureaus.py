"""Made-up departments of the demo city: an office and some bureaus beside every city and county government."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from office.domain.organs import Level, Organ, OrganKind
from office.domain.units import CodedOrgan, with_parent

SOURCE = "yiwang-demo"
# Behind all units of the file, with room for later ones.
FIRST_ID = 10_001
CONGRESS = "6104-人常"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of business: how its bureau is called and its part of the word of numbers."""

    name: str
    word: str
    counties: bool = False  # has a bureau in the counties too, guided by the city's


LINES: tuple[Line, ...] = (
    Line("发展和改革委员会", "发改", counties=True),
    Line("教育局", "教", counties=True),
    Line("科学技术局", "科"),
    Line("工业和信息化局", "工信"),
    Line("民政局", "民", counties=True),
    Line("司法局", "司"),
    Line("财政局", "财", counties=True),
    Line("人力资源和社会保障局", "人社", counties=True),
    Line("自然资源局", "自然资", counties=True),
    Line("生态环境局", "环"),
    Line("住房和城乡建设局", "建", counties=True),
    Line("交通运输局", "交", counties=True),
    Line("水利局", "水", counties=True),
    Line("农业农村局", "农", counties=True),
    Line("商务局", "商"),
    Line("文化和旅游局", "文旅"),
    Line("卫生健康委员会", "卫健"),
    Line("应急管理局", "应急"),
    Line("审计局", "审"),
    Line("市场监督管理局", "市监"),
)


@dataclass(frozen=True, slots=True)
class Departments:
    """The made-up organs and the guidance edges (city bureau, county bureau) between them."""

    organs: tuple[CodedOrgan, ...]
    guidance: tuple[tuple[int, int], ...]


def departments(units: Sequence[CodedOrgan]) -> Departments:
    """An office and 20 bureaus for the city, an office and 10 for each county, then the city's congress."""
    governments = [one for one in units if one.organ.level <= Level.COUNTY]
    made: list[CodedOrgan] = []
    by_line: dict[str, list[int]] = {line.name: [] for line in LINES}
    for government in governments:
        for place, line in enumerate(_lines(government.organ)):
            organ = _department(government.organ, line, place, FIRST_ID + len(made))
            made.append(CodedOrgan(f"{government.code}-{line.word if line else '办'}", organ))
            if line is not None:
                by_line[line.name].append(organ.id)
    made.append(CodedOrgan(CONGRESS, _congress(FIRST_ID + len(made))))
    guidance = tuple((ids[0], county) for ids in by_line.values() for county in ids[1:])
    return Departments(tuple(made), guidance)


def _congress(organ_id: int) -> Organ:
    """It stands beside the government, not under it: bills go there, resolutions come from there."""
    title = "咸阳市人民代表大会常务委员会"
    return Organ(
        organ_id, "市人大常委会", title, Level.CITY, OrganKind.CONGRESS, None, f"/{organ_id}/", 9_000_000,
        word="咸人发", seal_mm=45.0, demo=True,
    )  # fmt: skip


def _lines(government: Organ) -> Iterator[Line | None]:
    """None stands for the government's own office, which comes first."""
    yield None
    yield from (line for line in LINES if line.counties or government.level is Level.CITY)


def _department(government: Organ, line: Line | None, place: int, organ_id: int) -> Organ:
    stem = government.word.removesuffix("政")
    if line is None:
        kind, name, title, word = OrganKind.OFFICE, "政府办公室", f"{government.title}办公室", f"{stem}政办"
    else:
        kind, name, title, word = OrganKind.BUREAU, line.name, government.name + line.name, stem + line.word
    bare = Organ(organ_id, name, title, government.level, kind, None, "", 0, word=word, seal_mm=42.0, demo=True)
    return with_parent(bare, government, place=place)
