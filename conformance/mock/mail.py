"""The mails a site sends: the welcome to a new user and the confirmation of a changed address."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from conformance.mock.state import Account, Site

CONFIRMATION_SUBJECT = "Webex Account Change Confirmation"
"""Title of the mail that asks to confirm a new address (update notes 40.4.0)."""

ACTIVATION_SUBJECT = "Activate your Webex account"
"""Title of the mail that asks a user to activate his account (assumed)."""

CONFIRMATION_PATH = "/mail/confirm"
"""Where the links of those mails lead, on the mock itself (assumed)."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language of welcome mails: its name in ``use:language``, its tag, and its words."""

    name: str
    tag: str
    subject: str
    greeting: str
    text: str


ENGLISH = Language(
    "ENGLISH", "en", "Welcome to Webex", "Hello", "An account was created for you. Your Webex ID is {id}."
)

# languageID 9 is German (recorded GetUser of 2016). All other numbers and every wording are assumed.
LANGUAGES: dict[int, Language] = {
    1: ENGLISH,
    3: Language("SIMPLIFIED CHINESE", "zh-CN", "欢迎使用 Webex", "您好", "已为您创建帐户。您的 Webex ID 是 {id}。"),
    5: Language(
        "JAPANESE",
        "ja",
        "Webex へようこそ",
        "こんにちは",
        "アカウントが作成されました。あなたの Webex ID は {id} です。",
    ),
    7: Language(
        "FRENCH",
        "fr",
        "Bienvenue sur Webex",
        "Bonjour",
        "Un compte a été créé pour vous. Votre identifiant Webex est {id}.",
    ),
    9: Language(
        "GERMAN",
        "de",
        "Willkommen bei Webex",
        "Guten Tag",
        "Für Sie wurde ein Konto angelegt. Ihre Webex-ID ist {id}.",
    ),
    11: Language(
        "SPANISH",
        "es",
        "Bienvenido a Webex",
        "Hola",
        "Se ha creado una cuenta para usted. Su ID de Webex es {id}.",
    ),
}


def language(language_id: int) -> Language:
    """Return the language of a ``languageID``; English where the number is not in the table (assumed)."""
    return LANGUAGES.get(language_id, ENGLISH)


def send_welcome(site: Site, account: Account, *, html: bool) -> None:
    """Welcome a new user: as HTML in his language, or as plain English text.

    That a welcome mail can be HTML and in several languages came with 40.4.3 and 40.2.4 (update notes);
    that the plain one stays English is assumed.
    """
    words = language(account.language_id) if html else ENGLISH
    text = words.text.format(id=account.web_ex_id)
    body = _html(words, account, text) if html else f"{words.greeting} {_name(account)},\n\n{text}\n"
    site.send(account.email, words.subject, body, html=html, language=words.tag)


def send_confirmation(site: Site, account: Account, address: str, token: str) -> None:
    """Ask at the new address for the click that links it to the account (update notes 40.4.0).

    That this mail is plain English text is assumed.
    """
    link = f"{site.base_url}{CONFIRMATION_PATH}/{quote(site.name.lower(), safe='')}/{token}"
    body = (
        f"Hello {_name(account)},\n\n"
        f"The e-mail address of your Webex account is to become {address}.\n"
        f"Open this link to confirm the change:\n\n{link}\n"
    )
    site.send(address, CONFIRMATION_SUBJECT, body, html=False, language=ENGLISH.tag, links=(link,))


def send_activation(site: Site, account: Account, token: str) -> None:
    """Ask a new user of a site that Control Hub manages for the click that activates him (update notes 41.11.0).

    The words, and that they are plain English text, are assumed.
    """
    link = f"{site.base_url}{CONFIRMATION_PATH}/{quote(site.name.lower(), safe='')}/{token}"
    body = f"Hello {_name(account)},\n\nOpen this link to activate your Webex account:\n\n{link}\n"
    site.send(account.email, ACTIVATION_SUBJECT, body, html=False, language=ENGLISH.tag, links=(link,))


def _name(account: Account) -> str:
    return f"{account.first_name} {account.last_name}".strip() or account.web_ex_id


def _html(words: Language, account: Account, text: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{words.tag}">\n'
        f'<head><meta charset="utf-8"><title>{escape(words.subject)}</title></head>\n'
        f"<body><p>{escape(words.greeting)} {escape(_name(account))},</p><p>{escape(text)}</p></body>\n"
        "</html>\n"
    )
