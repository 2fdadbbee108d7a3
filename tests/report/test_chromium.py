"""What a page does wrong in Chromium is noticed; otherwise its other tests would mean nothing."""

import pytest
from benchmarks.chromium import opened

from tests.visits import visits

pytestmark = pytest.mark.browser

POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; script-src 'unsafe-inline'; img-src data:\">"
)
INNOCENT = '<p>word</p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><script>1;</script>'
REQUESTS = {
    "http://elsewhere.example/a.png": "<img src='{}'>",
    "http://elsewhere.example/a": "<script>fetch('{}').catch(() => 0)</script>",
    "http://elsewhere.example/a.js": "<script src='{}'></script>",
    "http://elsewhere.example/a.css": "<link rel=stylesheet href='{}'>",
    "http://elsewhere.example/": "<iframe src='{}'></iframe>",
    "ws://elsewhere.example/": "<script>try {{ new WebSocket('{}') }} catch {{ }}</script>",
}
ASKING = "".join(body.format(url) for url, body in REQUESTS.items()) + "<img src='beside.png'>"
MISTAKES = {
    "an error: missing is not defined": "missing()",
    "an error: late": "setTimeout(() => { throw new Error('late') })",
    "an error: unheard": "Promise.reject(new Error('unheard'))",
    "warning: odd": "console.warn('odd')",
    "error: policy: script-src forbids eval": "try { eval('1') } catch { }",
    "a dialog: look": "alert('look')",
    "a window: about:blank": "open('about:blank')",
}


@pytest.fixture
def noticed(browser, tmp_path):
    """Open a page with this in it and close it; return its requests and complaints."""

    def noticed(body):
        file = tmp_path / "page.html"
        file.write_text(f"<!doctype html><meta charset=utf-8>{body}", encoding="utf-8")
        with opened(browser, file, "word=casa") as visited:
            pass
        return visited.requests, visited.complaints

    return noticed


def test_nothing_is_noticed_of_a_page_that_does_nothing_wrong(noticed):
    assert noticed(POLICY + INNOCENT) == ([], [])


def test_every_request_is_noticed(noticed):
    requests, _ = noticed(ASKING)
    assert {url for url in requests if not url.startswith("file:")} == set(REQUESTS)
    assert [url.rpartition("/")[2] for url in requests if url.startswith("file:")] == ["beside.png"]


def test_what_a_policy_keeps_from_being_asked_for_is_noticed(noticed):
    _, complaints = noticed(POLICY + ASKING)
    assert sum(said.startswith("error: policy: ") for said in complaints) == len(REQUESTS) + 1
    for url in REQUESTS:
        assert any("Security Policy" in said and url in said for said in complaints), url


def test_every_mistake_is_noticed(noticed):
    scripts = "".join(f"<script>{script}</script>" for script in MISTAKES.values())
    _, complaints = noticed(POLICY + scripts)
    for complaint in MISTAKES:
        assert any(said.startswith(complaint) for said in complaints), complaint


def test_a_visit_to_a_page_that_does_something_wrong_fails(browser, tmp_path):
    for name, body in (("good", ""), ("bad", "<script>missing()</script>")):
        (tmp_path / f"{name}.html").write_text(INNOCENT + body, encoding="utf-8")
    with visits(browser) as visit:
        assert visit(tmp_path / "good.html").inner_text("p") == "word"
    with pytest.raises(AssertionError, match="missing is not defined"), visits(browser) as visit:
        visit(tmp_path / "bad.html")
