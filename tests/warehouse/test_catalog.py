"""Names of catalogs: what is kept of them, and what is refused."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.warehouse.sample_events import failed
from warehouse import Log, LogError, attach, creation, files
from warehouse.catalog import IN_SQLITE, Catalog
from warehouse.errors import LayoutError
from warehouse.location import Location

URL = "postgresql://courant@db.example:5432/news"


@pytest.mark.parametrize(
    ("text", "url", "schema", "password"),
    [
        (URL, URL, "courant", None),
        (f"{URL}?schema=desk_2", URL, "desk_2", None),
        ("postgres://db.example/news", "postgresql://db.example/news", "courant", None),
        ("postgresql://courant:se%40cret@db.example:5432/news", URL, "courant", "se@cret"),
        (f"{URL}?password=secret&sslmode=require", f"{URL}?sslmode=require", "courant", "secret"),
        ("postgresql:///news?host=/run/postgresql", "postgresql:///news?host=%2Frun%2Fpostgresql", "courant", None),
        (
            "postgresql://a:x@one.example,two.example:5433/n",
            "postgresql://a@one.example,two.example:5433/n",
            "courant",
            "x",
        ),
    ],
)
def test_a_catalog_in_postgresql_is_named_by_its_address(
    text: str, url: str, schema: str, password: str | None
) -> None:
    found = Catalog.parse(text)
    assert (found.url, found.schema, found.password) == (url, schema, password)
    assert Catalog.parse(found.name) == Catalog(url, schema)


@given(st.text(st.characters(min_codepoint=33, exclude_characters="/?#[]"), min_size=5).filter(lambda t: "%" not in t))
def test_a_password_is_in_no_name(password: str) -> None:
    try:
        found = Catalog.parse(f"postgresql://courant:{password}@db.example/news")
    except (LogError, ValueError):
        return
    without = Catalog.parse("postgresql://courant@db.example/news")
    assume(found.password not in without.name + repr(without))  # "schem" is a part of the name itself
    assert found.password not in found.name
    assert found.password not in repr(found)


@pytest.mark.parametrize(
    "text", ["", "mysql://db.example/news", "news.sqlite", f"{URL}?schema=No-Name", f"{URL}?schema="]
)
def test_what_is_no_catalog_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(LogError) as error:
        Catalog.parse(text)
    assert "\n" not in str(error.value)


def test_the_environment_says_how_a_kept_catalog_is_reached() -> None:
    environ = {"COURANT_CATALOG": "postgresql://other:secret@proxy.example/news"}
    assert Catalog.kept("sqlite", environ) == IN_SQLITE
    reached = Catalog.kept(f"{URL}?schema=desk", environ)
    assert (reached.url, reached.schema, reached.password) == (
        "postgresql://other@proxy.example/news",
        "desk",
        "secret",
    )
    assert Catalog.kept(URL, {}) == Catalog(URL)


def test_a_password_is_taken_from_the_environment_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = "postgresql://courant:hunter2@db.example/news"
    with pytest.raises(LogError, match="COURANT_CATALOG") as error:
        Log.create(tmp_path / "log", catalog=said)
    assert "hunter2" not in str(error.value)
    monkeypatch.setenv("COURANT_CATALOG", said)
    assert creation.planned(tmp_path, said).catalog.password == "hunter2"
    assert creation.planned(tmp_path, "postgresql://courant@db.example/news?schema=b").catalog.password == "hunter2"
    assert creation.planned(tmp_path, "postgresql://courant@elsewhere.example/news").catalog.password is None


def test_data_elsewhere_need_a_catalog_that_others_can_reach(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="--catalog"):
        Log.create(tmp_path / "log", data="s3://bucket/news")
    with pytest.raises(LogError, match="no bucket"):
        Log.create(tmp_path / "log", catalog=URL, data="s3://")
    assert not (tmp_path / "log").exists()


def test_a_marker_that_names_no_catalog_is_damaged(path: Path) -> None:
    marker = path / "courant-log.json"
    marker.write_text(marker.read_text().replace('"sqlite"', '"mysql"'))
    with pytest.raises(LayoutError, match="courant log restore"):
        Log.open(path)


@pytest.mark.parametrize(
    ("module", "extra"), [("duckdb_extension_postgres_scanner", "postgres"), ("psycopg2", "postgres")]
)
def test_a_missing_package_names_the_extra(
    module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = attach.find_spec
    monkeypatch.setattr(attach, "find_spec", lambda name: None if name == module else real(name))
    if module == "psycopg2":
        monkeypatch.setitem(sys.modules, module, None)
    location = Location(tmp_path, Catalog(URL))
    with pytest.raises(LogError, match=rf"pip install courant\[{extra}\]") as error:
        attach.attach(location, read_only=True)
    assert "\n" not in str(error.value)


def test_credentials_that_expire_are_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a role gives them: each time that they are about to expire, the next ones."""
    program = tmp_path / "credentials"
    program.write_text(
        "#!/bin/sh\n"
        f'date +%s%N >> "{tmp_path}/asked"\n'
        f'echo "{{\\"Version\\": 1, \\"AccessKeyId\\": \\"key\\", \\"SecretAccessKey\\": \\"secret\\",'
        f' \\"SessionToken\\": \\"token-$(wc -l < "{tmp_path}/asked")\\",'
        ' \\"Expiration\\": \\"$(date -u -d "+2 minutes" +%Y-%m-%dT%H:%M:%SZ)\\"}"\n'
    )
    program.chmod(0o755)
    (tmp_path / "config").write_text(f"[default]\nregion = eu-west-1\ncredential_process = {program}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL",
                 "AWS_DEFAULT_REGION"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    files._session.cache_clear()
    try:
        first, second = files.secret("s3://bucket/news"), files.secret("s3://bucket/news")
        assert files.credentials_expire()
    finally:
        files._session.cache_clear()
    assert "SCOPE 's3://bucket/news'" in first
    assert "REGION 'eu-west-1'" in first
    assert "URL_STYLE" not in first
    said = [re.findall(r"SESSION_TOKEN 'token-(\d+)'", text) for text in (first, second)]
    assert said[0] != said[1]


def test_the_id_index_may_lie_on_the_machines_own_disk(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURANT_INDEX", str(tmp_path / "own"))
    with Log.open(path) as log:
        assert log.append([failed("https://a.example/1", 1)]).added == 1
    assert [folder.name[:6] for folder in (tmp_path / "own").iterdir()] == ["index-"]
    assert not (path / "index").exists()
    monkeypatch.delenv("COURANT_INDEX")
    with Log.open(path) as log:
        assert log.append([failed("https://a.example/1", 1)]).added == 0


def test_an_extension_that_is_not_signed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = attach.find_spec("duckdb_extension_ducklake")
    assert real is not None
    assert real.origin is not None
    signed = next(Path(real.origin).parent.glob("extensions/*/ducklake.duckdb_extension"))
    forged = tmp_path / signed.relative_to(Path(real.origin).parent)
    forged.parent.mkdir(parents=True)
    content = bytearray(signed.read_bytes())
    content[1000] ^= 1
    forged.write_bytes(content)
    monkeypatch.setattr(attach, "find_spec", lambda name: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    monkeypatch.setattr(attach, "_SIGNED", set())
    with pytest.raises(LogError, match="signature") as error:
        attach.connection(["ducklake"])
    assert "\n" not in str(error.value)
    assert set() == attach._SIGNED
