"""Putting things that users keep on a site into its books, and finding them there again."""

from __future__ import annotations

from conformance.mock.belongings import Belonging, Book
from conformance.mock.call import Call
from conformance.mock.refusal import no_record
from conformance.mock.stored import Content


def add(call: Call, book: Book, host: str, content: Content) -> Belonging:
    """Put a new thing into a book, under a number of its own."""
    belonging = Belonging(call.site.number(), host, content)
    book[belonging.number] = belonging
    return belonging


def found(call: Call, book: Book, number: int) -> Belonging:
    """Return a thing of the caller's own or of the site's, to a site administrator anybody's.

    Of what others keep a caller is told what he is told of what nobody keeps, 000015 (assumed).
    """
    belonging = book.get(number)
    me = call.account
    if belonging is None or not (me.site_admin or belonging.host.lower() in ("", me.web_ex_id.lower())):
        raise no_record()
    return belonging
