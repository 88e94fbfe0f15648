"""Secrets by reference: where they are found, and that no error tells one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.errors import UserError
from conformance.live.references import is_reference, resolve

SECRET = "Zq7Canary"


def problem(reference: str, base: Path) -> str:
    with pytest.raises(UserError) as told:
        resolve(reference, base)
    assert SECRET not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("text", ["env:A", "file:a b", "file:~/x", "keyring:go/ann"])
def test_references(text: str) -> None:
    assert is_reference(text)


@pytest.mark.parametrize("text", ["", "env:", "env: ", "secret", "ENV:A", "vault:a", ":a", "env", " env:A"])
def test_what_is_no_reference(text: str) -> None:
    assert not is_reference(text)


class TestEnvironment:
    def test_a_variable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("A_PASSWORD", f" {SECRET}:x ")
        assert resolve("env:A_PASSWORD", tmp_path) == f" {SECRET}:x "

    @pytest.mark.parametrize("value", [None, ""])
    def test_none(self, value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("A_PASSWORD", raising=False)
        if value is not None:
            monkeypatch.setenv("A_PASSWORD", value)
        assert problem("env:A_PASSWORD", tmp_path) == ("env:A_PASSWORD: the environment variable A_PASSWORD is not set")


class TestFile:
    @pytest.mark.parametrize("content", [SECRET, f"{SECRET}\n", f"{SECRET}\r\n", f"{SECRET}\nanother\n"])
    def test_the_first_line(self, content: str, tmp_path: Path) -> None:
        (tmp_path / "a.secret").write_bytes(content.encode())
        assert resolve("file:a.secret", tmp_path) == SECRET

    def test_it_is_looked_for_from_the_settings_and_not_from_here(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "a").write_text(SECRET)
        (tmp_path / "a").write_text("another")
        monkeypatch.chdir(tmp_path)
        assert resolve("file:a", tmp_path / "sub") == SECRET
        assert resolve(f"file:{tmp_path / 'sub' / 'a'}", Path("elsewhere")) == SECRET

    def test_at_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").write_text(SECRET)
        monkeypatch.setenv("HOME", str(tmp_path))
        assert resolve("file:~/a", Path("elsewhere")) == SECRET

    def test_blanks_and_what_is_not_ascii_are_part_of_it(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(f" {SECRET} \u00fc\n".encode())
        assert resolve("file:a", tmp_path) == f" {SECRET} \u00fc"

    def test_a_byte_order_mark_is_not(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(f"\ufeff{SECRET}\n".encode())
        assert resolve("file:a", tmp_path) == SECRET

    @pytest.mark.parametrize("content", ["", "\n", f"\n{SECRET}\n"])
    def test_an_empty_one(self, content: str, tmp_path: Path) -> None:
        (tmp_path / "a").write_text(content)
        assert problem("file:a", tmp_path) == "file:a: a is empty"

    def test_a_missing_one(self, tmp_path: Path) -> None:
        assert problem("file:a", tmp_path) == f"file:{tmp_path / 'a'}: can not be read: No such file or directory"

    def test_a_folder(self, tmp_path: Path) -> None:
        assert problem("file:.", tmp_path) == f"file:{tmp_path}: can not be read: Is a directory"

    def test_one_that_is_not_utf_8(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(SECRET.encode() + b"\xff")
        assert problem("file:a", tmp_path) == f"file:{tmp_path / 'a'}: is not a text in UTF-8"

    @pytest.mark.parametrize("place", ["~no-such-user-anywhere/a", "a\0b"])
    def test_no_path_at_all(self, place: str, tmp_path: Path) -> None:
        assert problem(f"file:{place}", tmp_path).startswith("file:")


class TestKeyring:
    @pytest.fixture
    def entries(self) -> Iterator[dict[tuple[str, str], str]]:
        keyring = pytest.importorskip("keyring", reason="keyring, an extra of the package, is not installed")
        from keyring.backend import KeyringBackend

        class Dictionary(KeyringBackend):
            priority = 1
            found: dict[tuple[str, str], str] = {}  # noqa: RUF012

            def get_password(self, service: str, username: str) -> str | None:
                if service == "locked":
                    raise keyring.errors.KeyringLocked(f"do not tell {SECRET}")
                return self.found.get((service, username))

            def set_password(self, service: str, username: str, password: str) -> None:
                raise AssertionError("nothing is to be written")

            def delete_password(self, service: str, username: str) -> None:
                raise AssertionError("nothing is to be deleted")

        before = keyring.get_keyring()
        keyring.set_keyring(Dictionary())
        yield Dictionary.found
        keyring.set_keyring(before)

    def test_an_entry(self, entries: dict[tuple[str, str], str], tmp_path: Path) -> None:
        entries["webex/staging", "ann"] = SECRET
        assert resolve("keyring:webex/staging/ann", tmp_path) == SECRET

    def test_no_entry(self, entries: dict[tuple[str, str], str], tmp_path: Path) -> None:
        assert problem("keyring:webex/bob", tmp_path) == "keyring:webex/bob: the keyring has no entry webex/bob"

    def test_no_user(self, entries: dict[tuple[str, str], str], tmp_path: Path) -> None:
        assert problem("keyring:webex", tmp_path) == "keyring:webex: write keyring:SERVICE/USER"

    def test_a_keyring_that_can_not_be_asked(self, entries: dict[tuple[str, str], str], tmp_path: Path) -> None:
        assert problem("keyring:locked/ann", tmp_path) == (
            "keyring:locked/ann: the keyring can not be asked: KeyringLocked"
        )

    def test_without_the_package_it_is_told_how_to_get_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "keyring", None)
        assert problem("keyring:webex/ann", tmp_path) == (
            "keyring:webex/ann: the package keyring is missing; pip install 'webex-conformance[keyring]'"
        )
