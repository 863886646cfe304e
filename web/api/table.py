"""The whole API on one page: every line is a door, a use case, and an entry of /api/openapi.json."""

from web.api import books, exchanging, files, meetings, papers, persons
from web.api.entry import Entry, FileEntry
from web.api.handlers import file_route, route_of
from web.routing import Route

ENTRIES: tuple[Entry, ...] = (
    *papers.ENTRIES,
    *exchanging.ENTRIES,
    *books.ENTRIES,
    *persons.ENTRIES,
    *meetings.ENTRIES,
)
FILES: tuple[FileEntry, ...] = files.FILES
ROUTES: tuple[Route, ...] = (*map(file_route, FILES), *map(route_of, ENTRIES))
