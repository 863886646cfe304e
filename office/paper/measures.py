"""The measures of GB/T 9704-2012 in millimetres unless named otherwise; clause numbers beside each."""

from typing import Final

PAGE_WIDTH: Final = 210.0  # 5.2.1 A4
PAGE_HEIGHT: Final = 297.0  # 5.2.1
TOP_MARGIN: Final = 37.0  # 5.2.2 天头
BINDING_MARGIN: Final = 28.0  # 5.2.2 订口; the other side gets 26
AREA_WIDTH: Final = 156.0  # 5.2.2 版心
AREA_HEIGHT: Final = 225.0  # 5.2.2
LINES: Final = 22  # 5.2.3 lines a page
COLUMNS: Final = 28  # 5.2.3 characters a line
CELL: Final = AREA_WIDTH / COLUMNS  # one 三号 character as set: 28 of 16 pt would be wider than the 版心
PITCH: Final = AREA_HEIGHT / LINES  # one line with its leading
SMALL_POINTS: Final = 14.0  # 四号, points: 7.4, 7.5
MARK_TOP: Final = 35.0  # 7.2.4, 10.3 mark below the 版心's top
RED_LINE_GAP: Final = 4.0  # 7.2.7 red line below the number
COLOPHON_THICK: Final = 0.35  # 7.4.1 first and last line
COLOPHON_THIN: Final = 0.25  # 7.4.1 lines between
DASH_GAP: Final = 7.0  # 7.5 dash of the page number below the 版心
LETTER_MARK_TOP: Final = 30.0  # 10.1 mark below the paper's top edge
LETTER_LINE_GAP: Final = 4.0  # 10.1 double line below the mark
LETTER_FOOT: Final = 20.0  # 10.1 second double line above the paper's bottom edge
LETTER_LINE: Final = 170.0  # 10.1 both lines' length
ORDER_MARK_TOP: Final = 20.0  # 10.2 mark below the 版心's top
SEAL_GAP: Final = 8.0  # 7.3.5.1 seal's top below the text: within one line
SEAL_ABOVE: Final = 3.0  # 7.3.5.1 name and date lie this much below the seal's centre
TITLE_COLUMNS: Final = 19  # 二号 characters that fit one line of the 版心, one spared

BY_NAME: Final = {
    "page_width": PAGE_WIDTH,
    "page_height": PAGE_HEIGHT,
    "top_margin": TOP_MARGIN,
    "binding_margin": BINDING_MARGIN,
    "area_width": AREA_WIDTH,
    "area_height": AREA_HEIGHT,
    "lines": LINES,
    "columns": COLUMNS,
    "mark_top": MARK_TOP,
    "red_line_gap": RED_LINE_GAP,
    "dash_gap": DASH_GAP,
    "letter_mark_top": LETTER_MARK_TOP,
    "letter_line_gap": LETTER_LINE_GAP,
    "letter_foot": LETTER_FOOT,
    "letter_line": LETTER_LINE,
    "order_mark_top": ORDER_MARK_TOP,
    "seal_gap": SEAL_GAP,
    "seal_above": SEAL_ABOVE,
}
