"""Pages that a test opens, which must do nothing wrong."""

from contextlib import ExitStack, contextmanager

from benchmarks.chromium import opened


@contextmanager
def visits(browser):
    """Give a function that opens a file and returns its page; in the end all must be innocent."""
    made = []
    with ExitStack() as stack:

        def visit(file, state="", **options):
            made.append(stack.enter_context(opened(browser, file, state, **options)))
            return made[-1].page

        yield visit
        wrong = [said for visited in made for said in (*visited.requests, *visited.complaints)]
        assert not wrong, wrong
