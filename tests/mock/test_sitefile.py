"""Site files."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.errors import CaseFileErrors
from conformance.mock.history import CHANGE
from conformance.mock.sitefile import load_site
from conformance.versions import Version

HEAD = "site: {name: go}\naccounts:\n"
ANN = "  - {webExID: ann, password: secret, email: ann@example.com, role: host, firstName: Ann, lastName: Lee}\n"
BOB = "  - {webExID: bob, password: 000123, email: bob@example.com, role: siteAdmin}\n"
CAT = "  - {webExID: cat, password: secret, email: cat@example.com, role: attendee}\n"
USE = "computerName: desk, startTime: 9/29/2019 02:42:34, endTime: 09/29/2019 03:00:00"


@pytest.fixture
def load(tmp_path):
    def write_and_load(text: str | bytes, version: str | None = None):
        path = tmp_path / "site.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_site(path, Version.parse(version) if version else None)

    return write_and_load


@pytest.fixture
def faults(load):
    """Return the faults of a file, each as ``line:column: text``."""

    def told(text: str | bytes) -> list[str]:
        with pytest.raises(CaseFileErrors) as caught:
            load(text)
        return [str(fault).removeprefix(f"{fault.path}:") for fault in caught.value.faults]

    return told


class TestGood:
    def test_accounts_play_their_roles(self, load):
        site = load(HEAD + BOB + ANN + CAT)
        bob, ann, cat = (site.accounts[name] for name in ("bob", "ann", "cat"))
        assert (bob.site_admin, bob.host, bob.password) == (True, True, "000123")
        assert (ann.site_admin, ann.host, ann.first_name, ann.last_name) == (False, True, "Ann", "Lee")
        assert cat.attendee_only
        assert len(site.accounts) == 3

    @pytest.mark.parametrize(
        ("in_file", "given", "found"), [("40.2.4", None, "40.2.4"), ("40.2.4", "39", "39"), (None, None, "40.4.3")]
    )
    def test_the_version_given_beats_the_files(self, load, in_file, given, found):
        line = f", version: {in_file}" if in_file else ""
        assert load(f"site: {{name: go{line}}}\naccounts:\n{ANN}", given).version == found

    @pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
    def test_settings(self, load, text, value):
        settings = f"{{session_passwords_required: {text}, email_change_needs_confirmation: {text}}}"
        site = load(f"site: {{name: go, settings: {settings}}}\naccounts:\n{ANN}")
        assert site.settings.session_passwords_required is value
        assert site.settings.email_change_needs_confirmation is value

    def test_settings_as_shipped(self, load):
        assert load(HEAD + ANN).settings.session_passwords_required is True

    def test_a_count_of_uses_goes_to_the_first_who_hosts(self, load):
        assert [use.host for use in load(f"{HEAD}{CAT}{ANN}{BOB}access_anywhere: 2").access_anywhere] == ["ann", "ann"]
        assert [use.host for use in load(f"{HEAD}{CAT}access_anywhere: 1").access_anywhere] == ["cat"]

    def test_uses_one_by_one(self, load, ask):
        first = f"  - {{webExID: ann, {USE}}}\n"
        second = f"  - {{webExID: BOB, {USE}, userName: Bob, clientIP: '2001:db8::1', confID: 5}}\n"
        site = load(f"{HEAD}{ANN}{BOB}access_anywhere:\n{first}{second}")
        ann, bob = site.access_anywhere
        assert (ann.user_name, ann.client_ip) == ("ann", "127.0.0.1")
        assert ann.start == datetime(2019, 9, 29, 2, 42, 34, tzinfo=UTC)
        assert (bob.conf_id, bob.user_name, bob.client_ip) == (5, "Bob", "2001:db8::1")
        site.changes = frozenset({CHANGE})
        listed = ask(site, "LstAccessAnywhereHistory", {"hostWebexID": "bob"}, caller="ann", password="secret")
        assert listed.texts("history:accessAnyWhereInfo/history:userName") == ["ann"]


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", ["1:1: the file is empty"]),
            ("- a", ["1:1: a mapping of 'key: value' is wanted here"]),
            ("site: go\naccounts:\n" + ANN, ["1:1: a mapping of 'key: value' is wanted here"]),
            (
                "accounts: []",
                ["1:1: 'accounts' is empty; give at least one", "1:1: key 'site' is missing; add 'site:'"],
            ),
            ("site: {name: a b}\naccounts:\n" + ANN, ["1:8: 'a b' cannot be the name here"]),
            (
                "site: {name: go, version: new}\naccounts:\n" + ANN,
                ["1:18: version: 'new' is not an API version; write it like 40.4.3"],
            ),
            (
                "site: {name: go, setings: {}}\naccounts:\n" + ANN,
                ["1:18: unknown key 'setings', did you mean 'settings'?"],
            ),
            (
                "site:\n  name: go\n  settings:\n    session_password_required: true\naccounts:\n" + ANN,
                ["4:5: unknown key 'session_password_required', did you mean 'session_passwords_required'?"],
            ),
            (
                HEAD + "  - {webExId: a, password: b, email: c@d, role: host}",
                [
                    "3:5: key 'webExID' is missing; add 'webExID:'",
                    "3:6: unknown key 'webExId', did you mean 'webExID'?",
                ],
            ),
            (
                HEAD + "  - {webExID: a, password: '', email: c, role: boss}",
                [
                    "3:18: password: string should have at least 1 character",
                    "3:32: 'c' cannot be the email here",
                    "3:42: role: input should be 'siteAdmin', 'host' or 'attendee'",
                ],
            ),
            (
                HEAD + ANN + ANN,
                ["4:6: two accounts have the webExID 'ann'", "4:38: two accounts have the email 'ann@example.com'"],
            ),
            (
                HEAD + ANN + "access_anywhere: many",
                ["4:1: access_anywhere: input should be a valid integer, unable to parse string as an integer"],
            ),
            (HEAD + ANN + "access_anywhere: -1", ["4:1: access_anywhere: input should be greater than or equal to 0"]),
            (
                HEAD + ANN + f"access_anywhere:\n  - {{webExID: anne, {USE}}}",
                ["5:6: no account has the webExID 'anne', did you mean 'ann'?"],
            ),
            (
                HEAD + ANN + "access_anywhere:\n"
                "  - webExID: ann\n    computerName: a\n    startTime: 2019-09-29\n    endTime: 01/01/0001 00:00:00\n"
                "    computer: b",
                [
                    "7:5: startTime: '2019-09-29' is not a date like 09/29/2019 02:42:34",
                    "8:5: endTime: '01/01/0001 00:00:00' was before there was anything to use",
                    "9:5: unknown key 'computer', did you mean 'computerName'?",
                ],
            ),
            (
                HEAD + ANN + "access_anywhere:\n  - webExID: ann\n    computerName: a\n"
                "    startTime: 09/29/2019 02:00:00\n    endTime: 09/29/2019 01:00:00",
                ["8:5: the session ends before it starts"],
            ),
            ("site: &a {name: go}\naccounts: *a", ["1:7: anchors and aliases are not allowed; write the value out"]),
            ("site: {name: go, name: no}", ["1:18: key 'name' is written twice"]),
        ],
    )
    def test_each_is_told_at_its_place(self, faults, text, told):
        assert faults(text) == told

    def test_what_is_no_yaml(self, faults):
        assert faults("site: {name: [") == ["2:1: while parsing a flow node did not find expected node content"]
        (fault,) = faults(b"\xff\xfe\xff")
        assert fault.startswith("1:1: ")

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(CaseFileErrors, match="cannot be read"):
            load_site(tmp_path / "none.yaml")
