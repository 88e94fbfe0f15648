"""The records of the sales service: products, the accounts of customers, and opportunities to sell to them.

Products are the site's. An account or opportunity belongs to a user, who may be named by ``webExID`` where a site
administrator calls (assumed: the schemas tell no more than that such an element exists).
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.accounts import reachable
from conformance.mock.belongings import Belonging, Book
from conformance.mock.call import Call, answers, number
from conformance.mock.keeping import add, found
from conformance.mock.listing import matching, matching_records, ordered, page
from conformance.mock.past import reachable as of_host
from conformance.mock.refusal import access_denied, bad_value, no_record
from conformance.mock.stored import Content, Fields, fields, kept, overlaid, text, written
from conformance.wire.answer import Answer
from conformance.wire.tree import Node

PRODUCT = fields("name string≤128; description string≤256; prodID live")
ACCOUNT = fields(
    """
    name string≤128; extAccountID string≤512; extSystemID integer; parentIntID integer; intAccountID live;
    opportunity live
    """
)
OPPORTUNITY = fields(
    """
    name string≤128; intAccountID integer; extOpptyID string≤512; extSystemID integer; intOpptyID live;
    extAccountID live
    """
)
_SORT_KEYS = {
    "PRODID": lambda product: product.number,
    "NAME": lambda product: text(product.content, "name"),
    "DESCRIPTION": lambda product: text(product.content, "description"),
}


@answers("AddProducts")
def add_products(call: Call) -> Mapping[str, Answer]:
    """Add products to those of the site, which hosts may (assumed)."""
    _require_host(call)
    sent = _each(call, "product")
    added = [add(call, call.site.belongings.products, "", kept(PRODUCT, node)) for node in sent]
    return {"prodID": [str(product.number) for product in added]}


@answers("SetProducts")
def set_products(call: Call) -> Mapping[str, Answer]:
    """Change products, all of them or, where one does not exist, none (assumed)."""
    _require_host(call)
    products = call.site.belongings.products
    sent = [(found(call, products, number(node, "prodID")), kept(PRODUCT, node)) for node in _each(call, "product")]
    for product, content in sent:
        product.content = overlaid(PRODUCT, product.content, content)
    return {"prodID": [str(product.number) for product, _ in sent]}


@answers("LstProducts")
def lst_products(call: Call) -> Mapping[str, Answer]:
    """List the products of the site, of a name or of numbers; names are compared without their case (assumed)."""
    control = call.content.find("listControl")
    numbers = {node.text.strip() for node in call.content.all("prodID")} - {""}
    criteria = [lambda product: str(product.number) in numbers] if numbers else []
    if name := call.text("name").casefold():
        criteria.append(lambda product: text(product.content, "name").casefold() == name)
    products = matching(call.site.belongings.products.values(), control, criteria)
    shown = page(ordered(products, call.content.find("order"), _SORT_KEYS), control)
    records = [written(PRODUCT, product.content, {"prodID": str(product.number)}) for product in shown.items]
    return {"matchingRecords": matching_records(shown), "product": records}


@answers("CreateAccount")
def create_account(call: Call) -> Mapping[str, Answer]:
    """Open an account; one that is named as its parent must exist (assumed)."""
    return {"intAccountID": _create(call, call.site.belongings.accounts, "account", ACCOUNT)}


@answers("SetAccount")
def set_account(call: Call) -> Mapping[str, Answer]:
    """Change an account."""
    return {"intAccountID": _change(call, call.site.belongings.accounts, "account", "intAccountID", ACCOUNT)}


@answers("LstAccounts")
def lst_accounts(call: Call) -> Mapping[str, Answer]:
    """List accounts: a host's own, for a site administrator all; with their opportunities where these are wanted."""
    books = call.site.belongings
    accounts = _listed(call, books.accounts, "intAccountID", ("extAccountID", "extSystemID"))
    return {"account": [_account(call, books.opportunities, account) for account in accounts]}


@answers("CreateOpportunity")
def create_opportunity(call: Call) -> Mapping[str, Answer]:
    """Note an opportunity; the account that it names must exist (assumed)."""
    return {"intOpptyID": _create(call, call.site.belongings.opportunities, "opportunity", OPPORTUNITY)}


@answers("SetOpportunity")
def set_opportunity(call: Call) -> Mapping[str, Answer]:
    """Change an opportunity."""
    books = call.site.belongings
    return {"intOpptyID": _change(call, books.opportunities, "opportunity", "intOpptyID", OPPORTUNITY)}


@answers("LstOpportunities")
def lst_opportunities(call: Call) -> Mapping[str, Answer]:
    """List opportunities: a host's own, for a site administrator all."""
    books = call.site.belongings
    listed = _listed(call, books.opportunities, "intOpptyID", ("intAccountID", "extOpptyID", "extSystemID"))
    told = [(one, _account_of(one, books.accounts)) for one in listed]
    if outside := call.text("extAccountID"):
        told = [(one, account) for one, account in told if _outside(account) == outside]
    if not told:
        raise no_record()
    return {"opportunity": [_opportunity(one, account) for one, account in told]}


def account_name(call: Call, number: str) -> str:
    """Return what the caller's account of that number is called; refuse the call where there is none (assumed)."""
    return text(found(call, call.site.belongings.accounts, int(number)).content, "name")


def opportunity_name(call: Call, number: str) -> str:
    """Return what the caller's opportunity of that number is called; refuse the call where there is none (assumed)."""
    return text(found(call, call.site.belongings.opportunities, int(number)).content, "name")


def _require_host(call: Call) -> None:
    if not call.account.host:
        raise access_denied()


def _each(call: Call, path: str) -> list[Node]:
    nodes = call.content.all(path)
    if not nodes:
        raise bad_value(path)
    return nodes


def _create(call: Call, book: Book, element: str, known: Fields) -> str:
    owner = reachable(call, "webExID")
    if not owner.host:
        raise access_denied()
    content = kept(known, _each(call, element)[0])
    _refuse_unknown_account(call, content)
    return str(add(call, book, owner.web_ex_id, content).number)


def _change(call: Call, book: Book, element: str, key: str, known: Fields) -> str:
    reachable(call, "webExID")
    sent = _each(call, element)[0]
    changed, content = found(call, book, number(sent, key)), kept(known, sent)
    _refuse_unknown_account(call, content)
    changed.content = overlaid(known, changed.content, content)
    return str(changed.number)


def _refuse_unknown_account(call: Call, content: Content) -> None:
    for name in ("parentIntID", "intAccountID"):
        if named := text(content, name):
            found(call, call.site.belongings.accounts, int(named))


def _listed(call: Call, book: Book, key: str, filters: tuple[str, ...]) -> list[Belonging]:
    """Return the caller's belongings that meet every filter that is sent; refuse the call where there are none."""
    wanted = {name: call.text(name) for name in filters if call.text(name)}
    listed = [
        one
        for one in of_host(call, book.values(), "webExID")
        if call.text(key) in ("", str(one.number))
        and all(text(one.content, name) == value for name, value in wanted.items())
    ]
    if not listed:
        raise no_record()
    return listed


def _account(call: Call, opportunities: Book, account: Belonging) -> Content:
    own = [one for one in opportunities.values() if text(one.content, "intAccountID") == str(account.number)]
    told: list[Answer] = [
        {"name": text(one.content, "name"), "intOpptyID": str(one.number), **_outside_of(one)} for one in own
    ]
    opportunity = {"opportunity": told} if told and call.flag("returnOppty") else {}
    return written(ACCOUNT, account.content, {"intAccountID": str(account.number), **opportunity})


def _outside_of(opportunity: Belonging) -> Content:
    outside = text(opportunity.content, "extOpptyID")
    return {"extOpptyID": outside} if outside else {}


def _account_of(opportunity: Belonging, accounts: Book) -> Belonging | None:
    named = text(opportunity.content, "intAccountID")
    return accounts.get(int(named)) if named else None


def _outside(account: Belonging | None) -> str:
    return text(account.content, "extAccountID") if account else ""


def _opportunity(opportunity: Belonging, account: Belonging | None) -> Content:
    outside = {"extAccountID": _outside(account)} if _outside(account) else {}
    return written(OPPORTUNITY, opportunity.content, {"intOpptyID": str(opportunity.number), **outside})
