"""Profiles of live sites: what a whole one says, and how each fault of one is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.config import find_file, section
from conformance.errors import UserError
from conformance.live.references import HOW
from conformance.live.settings import load_site, refuse_effect, site_names, window_at
from conformance.site.seam import NotApplicable
from conformance.wire.effects import Effect

WHOLE = """\
[sites.stage]
endpoint = "https://acme.webex.example.com/WBXService/XMLService"
site_name = "acme"
kind = "staging"
api_version = "40.2.4"
mail_domain = "Mail.Example.com"
link_hosts = ["Go.Example.com"]
ca_file = "ca.pem"
proxy = "http://proxy.example.com:3128"
proxy_user = "me"
proxy_password = "env:PROXY"
touch_shared = true
maintenance = ["2026-11-23T02:00Z/2026-11-23T05:00Z", "2026-12-01T02:00/2026-12-01T04:00+01:00"]
stop_file = "stop"
state = "there"

[sites.stage.accounts.siteAdmin]
web_ex_id = "admin"
email = "admin@example.com"
password = "file:admin.secret"
sign_in = "ticket"

[sites.stage.accounts.host]
web_ex_id = "ann"
access_token = "keyring:webex/ann"

[sites.stage.settings]
"session passwords required" = true
"access anywhere sessions" = 12
"email change needs confirmation" = "auto"

[sites.stage.mail]
host = "IMAP.example.com"
user = "box"
password = "env:BOX"

[sites.stage.limits]
requests = 10
requests_per_second = 0.5
"""
LEAST = """\
[sites.stage]
endpoint = "https://acme.webex.example.com/WBXService/XMLService"
site_name = "acme"
kind = "staging"
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a settings file where the test is then called, and return it."""
    monkeypatch.chdir(tmp_path)

    def file(text: str, name: str = "conformance.toml") -> Path:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return file


def told(name: str = "stage", file: Path | None = None) -> list[str]:
    with pytest.raises(UserError) as error:
        load_site(name, file)
    return str(error.value).splitlines()


def faults(write: Write, *lines: str, instead: str = "") -> list[str]:
    """Return what is told of the least profile with these lines, without the file and the site before each."""
    text = LEAST.replace(f'{instead} = "{_value(instead)}"\n', "") if instead else LEAST
    file = write(text + "\n".join(lines) + "\n")
    problems = told()
    assert all(problem.startswith(f"{file}: sites.stage") for problem in problems), problems
    return [problem.removeprefix(f"{file}: sites.stage").removeprefix(".") for problem in problems]


def _value(key: str) -> str:
    return next(line.split('"')[1] for line in LEAST.splitlines() if line.startswith(key))


class TestGood:
    def test_a_whole_profile(self, write: Write) -> None:
        file = write(WHOLE)
        site, base = load_site("stage")
        assert base == file.parent
        assert (site.api_version, site.mail_domain) == ("40.2.4", "mail.example.com")
        assert site.link_hosts == ("go.example.com",)
        assert (site.host_name, site.domain) == ("acme.webex.example.com", "webex.example.com")
        assert site.accounts.keys() == {"siteAdmin", "host"}
        assert site.accounts["siteAdmin"].sign_in == "ticket"
        assert site.accounts["host"].access_token == "keyring:webex/ann"
        assert site.settings == {
            "session passwords required": "true",
            "access anywhere sessions": "12",
            "email change needs confirmation": "auto",
        }
        assert site.mail is not None
        assert (site.mail.host, site.mail.tls, site.mail.port) == ("imap.example.com", "implicit", 0)
        assert (site.limits.requests, site.limits.requests_per_second) == (10, 0.5)
        assert site.maintenance[1] == (datetime(2026, 12, 1, 2, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC))
        assert (site.touch_shared, site.may_change) == (True, True)

    def test_what_need_not_be_said(self, write: Write) -> None:
        write(LEAST)
        site, _ = load_site("stage")
        assert (site.api_version, site.accounts, site.mail, site.state) == ("auto", {}, None, Path(".conformance"))
        assert not site.private_addresses
        assert not site.touch_shared

    def test_pyproject(self, write: Write) -> None:
        file = write("[tool.other]\nx = 1\n" + LEAST.replace("[sites.", "[tool.conformance.sites."), "pyproject.toml")
        assert load_site("stage")[0].site_name == "acme"
        assert site_names(file) == ["stage"]

    def test_the_file_of_a_folder_above(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        file = write(LEAST)
        write("[project]\nname = 'x'\n", "a/pyproject.toml")  # says nothing of us
        write("", "a/b/c/empty")
        monkeypatch.chdir(file.parent / "a" / "b" / "c")
        assert find_file() == file
        assert load_site("stage")[1] == file.parent

    def test_the_nearest_file_counts_and_conformance_toml_before_pyproject(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(LEAST)
        near = write("[tool.conformance.sites]\n", "a/pyproject.toml")
        monkeypatch.chdir(near.parent)
        assert find_file() == near
        nearest = write(LEAST, "a/conformance.toml")
        assert find_file() == nearest

    def test_a_file_that_is_named(self, write: Write) -> None:
        file = write(LEAST, "elsewhere/sites.toml")
        site, base = load_site("stage", Path("elsewhere/sites.toml"))
        assert (site.site_name, base) == ("acme", file.parent)


class TestFile:
    def test_no_file(self, write: Write) -> None:
        assert told() == ["unknown site 'stage', known are: mock; there is no conformance.toml here that names others"]

    def test_an_unknown_site(self, write: Write) -> None:
        write(LEAST)
        assert told("stag") == ["unknown site 'stag', did you mean 'stage'?"]
        assert told("qqq") == ["unknown site 'qqq', known are: mock, stage"]

    def test_a_file_that_is_not_there(self, write: Write) -> None:
        assert told(file=Path("gone.toml")) == ["gone.toml: can not be read: No such file or directory"]

    @pytest.mark.parametrize(
        "text", ['x = "Zq7Canary', "Zq7Canary", "a = 1\n[Zq7Canary\n", 'password = "a"b Zq7Canary']
    )
    def test_what_is_not_toml_is_told_without_its_text(self, text: str, write: Write) -> None:
        file = write(text)
        (line,) = told()
        assert line.startswith(f"{file}: is not TOML, see ")
        assert "Zq7" not in line

    def test_what_is_not_utf_8(self, write: Write) -> None:
        file = write("")
        file.write_bytes(b'x = "\xff"')
        assert told() == [f"{file}: is not TOML"]

    @pytest.mark.parametrize(("text", "key"), [("[site.stage]\n", "site"), ("x = 1\n", "x")])
    def test_what_else_is_in_it(self, text: str, key: str, write: Write) -> None:
        file = write(text)
        assert told() == [
            f"{file}: unknown key '{key}'; sites are [sites.NAME], other sections [history], [upgrade] and [schemas]"
        ]

    @pytest.mark.parametrize("name", ["sites", "history", "upgrade"])
    def test_a_section_that_is_none(self, name: str, write: Write) -> None:
        file = write(f"{name} = 3\n")
        with pytest.raises(UserError) as error:
            section(file, name)
        assert str(error.value) == f"{file}: '{name}' is a section: write [{name}]"

    def test_the_sections_of_others_are_no_matter_here(self, write: Write) -> None:
        write("history = 3\n[upgrade]\n")
        assert told("stage") == ["unknown site 'stage', known are: mock"]

    @pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\nconformance = 3\n", "[tool]\nconformance = 'sites'\n"])
    def test_a_pyproject_that_is_none_is_none_of_ours(self, text: str, write: Write) -> None:
        file = write(text, "pyproject.toml")
        assert find_file() is None
        assert told(file=file) == ["unknown site 'stage', known are: mock"]

    def test_a_site_that_is_no_table(self, write: Write) -> None:
        write("sites.stage = 3\n")
        (line,) = told()
        assert "sites.stage: " in line


class TestFaults:
    def test_all_are_told_at_once_each_with_its_place(self, write: Write) -> None:
        assert faults(
            write,
            'kindd = "x"',
            "[sites.stage.limits]",
            "requests = 0",
            "[sites.stage.accounts.host]",
            'pasword = "env:A"',
            "[sites.stage.mail]",
            'user = "x"',
            instead="kind",
        ) == [
            "kind: is missing",
            "accounts.host.web_ex_id: is missing",
            "accounts.host.pasword: unknown key, did you mean 'password'?",
            "mail.host: is missing",
            "mail.password: is missing",
            "limits.requests: Input should be greater than or equal to 1",
            "kindd: unknown key, did you mean 'kind'?",
        ]

    @pytest.mark.parametrize(
        ("lines", "problem"),
        [
            (['api_version = "Zq7Canary"'], 'api_version: write a version like 40.4.3, or "auto"'),
            (["api_version = 40.2"], "api_version: Input should be a valid string"),
            (['mail_domain = "https://x"'], "mail_domain: write a host name, without scheme and port"),
            (['link_hosts = ["a:1"]'], "link_hosts.0: write a host name, without scheme and port"),
            (['private_addresses = "maybe"'], "private_addresses: Input should be a valid boolean"),
            (
                ["[sites.stage.settings]", '"session passwords required" = "perhaps"'],
                'settings.session passwords required: write true, false, a number or "auto"',
            ),
            (
                ["[sites.stage.limits]", "requests_per_second = inf"],
                "limits.requests_per_second: Input should be a finite number",
            ),
            (["[sites.stage.limits]", "retry_seconds = -1"], "limits.retry_seconds: Input should be greater than"),
            (["[sites.stage.limits]", "request = 1"], "limits.request: unknown key, did you mean 'requests'?"),
            (
                ["[sites.stage.accounts.boss]", 'web_ex_id = "x"', 'password = "env:A"'],
                "accounts.boss.[key]: Input should be 'siteAdmin', 'host' or 'attendee'",
            ),
        ],
    )
    def test_one_of_a_key(self, lines: list[str], problem: str, write: Write) -> None:
        (line,) = faults(write, *lines)
        assert line.startswith(problem)

    def test_a_kind_that_is_none(self, write: Write) -> None:
        assert faults(write, 'kind = "test"', instead="kind") == ["kind: Input should be 'staging' or 'production'"]

    @pytest.mark.parametrize("name", ["", "a.b", "a/b", "x" * 64])
    def test_a_site_name_that_is_none(self, name: str, write: Write) -> None:
        (line,) = faults(write, f'site_name = "{name}"', instead="site_name")
        assert line.startswith("site_name: ")

    @pytest.mark.parametrize(
        "windows",
        ["tonight", "2026-11-23", "2026-11-23T05:00Z/2026-11-23T02:00Z", "/", "2026-13-01T00:00Z/2027-01-01T00:00Z"],
    )
    def test_a_maintenance_window_that_is_none(self, windows: str, write: Write) -> None:
        assert faults(write, f'maintenance = ["{windows}"]') == [
            "maintenance.0: write a window as 2026-11-23T02:00Z/2026-11-23T05:00Z"
        ]

    @pytest.mark.parametrize("secrets", ["", 'password = "env:A"\naccess_token = "env:B"'])
    def test_an_account_has_one_secret(self, secrets: str, write: Write) -> None:
        assert faults(write, "[sites.stage.accounts.host]", 'web_ex_id = "x"', secrets) == [
            "accounts.host: an account needs either password or access_token"
        ]

    @pytest.mark.parametrize(
        ("endpoint", "problem"),
        [
            ("acme.webex.example.com", "endpoint must be an address like "),
            ("ftp://acme.webex.example.com/", "endpoint must be an address like "),
            ("https://", "endpoint must be an address like "),
            ("https://[acme", "Invalid IPv6 URL"),
            ("https://api.example.com/x", "host is missing: the site's own host name"),
            ("https://acme2.example.com/x", "host is missing: the site's own host name"),
        ],
    )
    def test_an_endpoint_that_is_none_or_not_the_sites_own(self, endpoint: str, problem: str, write: Write) -> None:
        (line,) = faults(write, f'endpoint = "{endpoint}"', instead="endpoint")
        assert line.startswith(f": {problem}")

    def test_an_endpoint_that_is_not_the_sites_own_needs_the_host(self, write: Write) -> None:
        write(LEAST.replace("acme.webex.example.com", "api.example.com") + 'host = "acme.webex.example.com"\n')
        assert load_site("stage")[0].host_name == "acme.webex.example.com"

    def test_a_setting_that_no_case_asks_for(self, write: Write) -> None:
        (line,) = faults(write, "[sites.stage.settings]", '"session password required" = true')
        assert line == (
            ": settings: unknown setting 'session password required', did you mean 'session passwords required'?"
        )

    @pytest.mark.parametrize(
        "lines",
        [
            ['proxy_user = "me"'],
            ['proxy_password = "env:P"'],
            ['proxy_user = "me"', 'proxy_password = "env:P"'],
            ['proxy = "http://p:1"', 'proxy_user = "me"'],
        ],
    )
    def test_what_a_proxy_needs(self, lines: list[str], write: Write) -> None:
        assert faults(write, *lines) == [": proxy_user and proxy_password go together, and with proxy"]


class TestSecrets:
    """What should not stand in the file is not printed back."""

    @pytest.mark.parametrize(
        "lines",
        [
            ["[sites.stage.accounts.host]", 'web_ex_id = "ann"', 'password = "Zq7Canary"'],
            ["[sites.stage.accounts.host]", 'web_ex_id = "ann"', 'access_token = "Zq7Canary:x"'],
            ["[sites.stage.accounts.host]", 'web_ex_id = "ann"', 'password = ["Zq7Canary"]'],
            ["[sites.stage.accounts.host]", 'web_ex_id = "ann"', 'password = "env:A"', 'sign_in = "Zq7Canary"'],
            ["[sites.stage.accounts]", 'host = "Zq7Canary"'],
            ["[sites.stage.mail]", 'host = "h"', 'user = "u"', 'password = "Zq7Canary"'],
            ["[sites.stage.mail]", 'host = "u:Zq7Canary@h"', 'user = "u"', 'password = "env:A"'],
            ['proxy_password = "Zq7Canary"'],
            ['proxy = "http://me:Zq7Canary@proxy.example.com"'],
            ['api_version = ["Zq7Canary"]'],
            ['change_production = "Zq7Canary"'],
            ["[sites.stage.settings]", '"session passwords required" = "Zq7Canary"'],
            ['maintenance = ["Zq7Canary"]'],
        ],
    )
    def test_a_literal_one_is_refused(self, lines: list[str], write: Write) -> None:
        problems = faults(write, *lines)
        assert problems
        assert "Zq7" not in "\n".join(problems)

    def test_it_is_told_what_to_write(self, write: Write) -> None:
        assert faults(write, "[sites.stage.accounts.host]", 'web_ex_id = "ann"', 'password = "Zq7Canary"') == [
            f"accounts.host.password: a secret must not stand in this file; {HOW}"
        ]

    @pytest.mark.parametrize("place", ["me:Zq7Canary@", "me@", ":Zq7Canary@"])
    def test_an_endpoint_with_one(self, place: str, write: Write) -> None:
        (line,) = faults(
            write, f'endpoint = "https://{place}acme.webex.example.com/x"', 'host = "a"', instead="endpoint"
        )
        assert line.startswith(": an address must not hold a user or a password")
        assert "Zq7" not in line

    def test_no_repr_of_a_site_holds_one(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        from conformance.live.provider import LiveProvider

        monkeypatch.setenv("ANN", "Zq7Canary")
        write(LEAST + '[sites.stage.accounts.host]\nweb_ex_id = "ann"\npassword = "env:ANN"\n')
        provider = LiveProvider("stage", *load_site("stage"))
        assert provider.accounts.secrets == ("Zq7Canary",)
        for shown in (provider.settings, provider.accounts.credentials, vars(provider), vars(provider.accounts)):
            assert "Zq7" not in repr(shown)


class TestProduction:
    PERMISSION = "cases may create and delete objects on the production site acme"

    def load(self, write: Write, *lines: str) -> None:
        write(LEAST.replace("staging", "production") + "\n".join(lines) + "\n")
        self.site, _ = load_site("stage")

    def test_it_is_only_read(self, write: Write) -> None:
        self.load(write)
        assert not self.site.may_change
        refuse_effect(self.site, Effect.READ)
        for effect in (Effect.CREATE_OWN, Effect.TOUCH_SHARED):
            with pytest.raises(NotApplicable, match="production site: only reading is allowed"):
                refuse_effect(self.site, effect)

    def test_the_words_allow_more(self, write: Write) -> None:
        self.load(write, f'change_production = "{self.PERMISSION}"')
        assert self.site.may_change
        refuse_effect(self.site, Effect.CREATE_OWN)
        with pytest.raises(NotApplicable, match="touch_shared = true allows that"):
            refuse_effect(self.site, Effect.TOUCH_SHARED)
        self.load(write, f'change_production = "{self.PERMISSION}"', "touch_shared = true")
        refuse_effect(self.site, Effect.TOUCH_SHARED)

    @pytest.mark.parametrize("words", ["yes", PERMISSION.replace("acme", "other"), PERMISSION.title()])
    def test_other_words_are_refused(self, words: str, write: Write) -> None:
        file = write(LEAST.replace("staging", "production") + f'change_production = "{words}"\n')
        assert told() == [f"{file}: sites.stage: change_production must say, word for word: {self.PERMISSION}"]


def test_maintenance_windows() -> None:
    def at(hour: int) -> datetime:
        return datetime(2026, 11, 23, hour, tzinfo=UTC)

    windows = ((at(2), at(5)), (at(7), at(8)))
    assert [window_at(windows, at(hour)) for hour in (1, 2, 4, 5, 7, 8)] == [None, at(5), at(5), None, at(8), None]
