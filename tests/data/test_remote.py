import functools
import hashlib
import http.server
import json
import threading
from pathlib import Path

import pytest

from lexbits.data import remote
from lexbits.errors import DownloadError, UsageError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sigmorphon2016"
needs_files = pytest.mark.skipif(not SHARED.is_dir(), reason="the SIGMORPHON files are not here")
CLOSED = "http://127.0.0.1:9/"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Use an empty cache and no network, whatever the user's own settings."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(remote, "cache_folder", lambda: folder)
    monkeypatch.setattr(remote, "UPSTREAM", CLOSED)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("LEXBITS_DATA", raising=False)
    return folder


@pytest.fixture
def upstream(tmp_path, monkeypatch):
    """Serve a folder on loopback in place of GitHub; return the folder."""
    folder = tmp_path / "upstream"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(remote, "UPSTREAM", f"http://127.0.0.1:{server.server_port}/")
        yield folder
        server.shutdown()


@pytest.fixture
def said():
    return []


def put(folder, language, content=b"a\tpos=N\tb\n"):
    folder.mkdir(parents=True, exist_ok=True)
    for split in remote.SPLITS:
        (folder / f"{language}-task1-{split}").write_bytes(content + split.encode())


def pretend_known(monkeypatch, name, content):
    digest = hashlib.sha256(content).hexdigest()
    monkeypatch.setitem(remote.KNOWN, name, (len(content), digest))
    return digest


def test_languages_go_by_english_name_or_code():
    assert remote.language_name("es") == remote.language_name("Spanish") == "spanish"
    assert len(remote.LANGUAGES) == 10


def test_an_unknown_language_gets_a_suggestion():
    with pytest.raises(UsageError, match=r"did you mean sigmorphon2016:spanish\?"):
        remote.language_name("spansh")
    with pytest.raises(UsageError, match="it has arabic, finnish"):
        remote.language_name("klingon")


def test_the_real_cache_is_the_user_s(monkeypatch):
    monkeypatch.undo()
    assert remote.cache_folder().parts[-2:] == ("lexbits", "sigmorphon2016")


@needs_files
@pytest.mark.parametrize("language", ["spanish", "german", "turkish"])
def test_the_known_sizes_and_hashes_are_those_of_the_real_files(language, said):
    for folder in (SHARED, SHARED.parent):
        found = remote.find(language, str(folder), said.append)
        assert found == {s: SHARED / f"{language}-task1-{s}" for s in remote.SPLITS}
    for path in found.values():
        assert path.stat().st_size == remote.KNOWN[path.name][0]
    assert said == []


def test_only_the_wanted_splits_are_looked_for(tmp_path, said):
    put(tmp_path, "maltese")
    (tmp_path / "maltese-task1-train").unlink()
    assert list(remote.find("mt", str(tmp_path), said.append, ["dev", "test"])) == ["dev", "test"]


def test_the_environment_variable_names_a_folder_and_the_setting_comes_first(
    tmp_path, monkeypatch, said
):
    put(tmp_path / "env", "maltese")
    put(tmp_path / "set", "maltese")
    monkeypatch.setenv("LEXBITS_DATA", str(tmp_path / "env"))
    assert remote.find("mt", None, said.append)["dev"].parent == tmp_path / "env"
    assert remote.find("mt", str(tmp_path / "set"), said.append)["dev"].parent == tmp_path / "set"


def test_files_without_a_known_hash_are_taken_from_a_folder_as_they_are(tmp_path, said):
    put(tmp_path, "navajo", b"anything")
    assert len(remote.find("nv", str(tmp_path), said.append)) == 3
    assert list(tmp_path.glob("*.json")) == []


def test_a_file_in_a_folder_with_another_hash_is_refused(tmp_path, said):
    put(tmp_path, "spanish")
    with pytest.raises(DownloadError) as caught:
        remote.find("es", str(tmp_path), said.append)
    message = str(caught.value)
    found = hashlib.sha256((tmp_path / "spanish-task1-train").read_bytes()).hexdigest()
    assert message.startswith(str(tmp_path / "spanish-task1-train"))
    assert f"expected SHA-256 {remote.KNOWN['spanish-task1-train'][1]}, found {found}" in message
    assert "delete it" in message
    assert "give it as a path" in message


def test_without_a_network_the_message_says_what_to_put_where(cache, said):
    with pytest.raises(DownloadError) as caught:
        remote.find("es", None, said.append)
    message = str(caught.value)
    assert "\n" not in message
    assert f"{CLOSED}spanish-task1-train could not be fetched" in message
    assert f"put spanish-task1-train into {cache}" in message
    assert "--data-folder" in message
    assert list(cache.iterdir()) == []


def test_a_download_is_announced_with_size_hash_and_origin_before_it_happens(cache, said):
    with pytest.raises(DownloadError):
        remote.find("es", None, said.append)
    (line,) = said
    assert "downloading spanish-task1-train (805,946 bytes, SHA-256 d66985d6" in line
    assert f"from {CLOSED}spanish-task1-train to {cache}" in line


def test_a_named_folder_without_the_files_is_said_and_passed_over(tmp_path, cache, said):
    put(cache, "maltese")
    found = remote.find("mt", str(tmp_path / "nowhere"), said.append)
    assert found["train"].parent == cache
    assert "nowhere has no maltese-task1-train: looking in the cache" in said[0]


def test_fetching_downloads_once(upstream, cache, said):
    put(upstream, "georgian")
    paths = remote.fetch("georgian", said.append)
    assert paths == [cache / f"georgian-task1-{split}" for split in remote.SPLITS]
    assert [p.read_bytes() for p in paths] == [(upstream / p.name).read_bytes() for p in paths]
    assert sum(line.startswith("downloading") for line in said) == 3
    said.clear()
    assert remote.fetch("ka", said.append) == paths
    assert said == []


def test_an_unknown_hash_is_recorded_and_checked_afterwards(upstream, cache, said):
    put(upstream, "georgian")
    paths = remote.fetch("ka", said.append)
    recorded = json.loads((cache / "hashes.json").read_text())
    assert recorded == {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}
    assert any("no hash is known" in line for line in said)
    paths[1].write_bytes(b"changed")
    with pytest.raises(DownloadError, match="georgian-task1-dev: expected SHA-256"):
        remote.fetch("ka", said.append)


def test_a_deleted_file_is_fetched_again_and_must_be_the_same(upstream, cache, said):
    put(upstream, "georgian")
    paths = remote.fetch("ka", said.append)
    paths[0].unlink()
    assert remote.fetch("ka", said.append) == paths
    paths[0].unlink()
    (upstream / paths[0].name).write_bytes(b"changed upstream")
    with pytest.raises(DownloadError, match="does not match the known hash"):
        remote.fetch("ka", said.append)
    assert not paths[0].exists()


def test_a_download_with_another_hash_is_refused_and_leaves_nothing(
    upstream, cache, said, monkeypatch
):
    put(upstream, "spanish", b"right")
    names = [f"spanish-task1-{split}" for split in remote.SPLITS]
    digests = [pretend_known(monkeypatch, n, (upstream / n).read_bytes()) for n in names]
    (upstream / names[1]).write_bytes(b"wrong")
    with pytest.raises(DownloadError) as caught:
        remote.fetch("es", said.append)
    message = str(caught.value)
    assert "\n" not in message
    assert f"expected {digests[1]} but got {hashlib.sha256(b'wrong').hexdigest()}" in message
    assert [path.name for path in cache.iterdir()] == [names[0]]


def test_a_missing_file_upstream_is_reported_with_its_status(upstream, said):
    with pytest.raises(DownloadError, match=r"maltese-task1-train could not be fetched .HTTP 404"):
        remote.fetch("mt", said.append)


def test_a_broken_off_download_leaves_nothing_under_the_final_name(cache, said, monkeypatch):
    import pooch

    def cut(_url, output, _pooch, **_):
        Path(output).write_bytes(b"half")
        raise OSError(104, "Connection reset by peer")

    monkeypatch.setattr(pooch.core, "choose_downloader", lambda *_, **__: cut)
    with pytest.raises(DownloadError, match="Connection reset by peer"):
        remote.fetch("mt", said.append)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_record_of_hashes_is_named(cache, said, text):
    put(cache, "maltese")
    (cache / "hashes.json").write_text(text)
    with pytest.raises(DownloadError, match=r"hashes\.json: not a record of hashes"):
        remote.fetch("mt", said.append)
