"""What a page shows, read as a person reads it, and its controls, used as a person uses them."""

import re

NO_ANSWER = re.compile(r"NaN|undefined|Infinity|∞|\bnull\b|\[object")
WHEN_READY = """() => new Promise((done) => (function look() {
  if ("ready" in document.documentElement.dataset) done();
  else setTimeout(look, 5);
})())"""
"""Playwright itself would look at every frame, so that every frame were drawn."""
WITHOUT_MARKS = """element => {
  const copy = element.cloneNode(true);
  for (const mark of copy.querySelectorAll("del, small")) mark.remove();
  return copy.textContent;
}"""


class Shown:
    """A page that somebody has opened."""

    def __init__(self, page):
        self.page = page
        page.set_default_timeout(20_000)
        self.wait()

    def wait(self):
        """Wait until all is shown that the last click or key asks for."""
        self.page.evaluate(WHEN_READY)

    def at(self, state):
        """Go to this address of the page, as by a link."""
        self.page.evaluate("state => { location.hash = state; }", f"#{state}")
        self.page.evaluate("new Promise(done => setTimeout(done))")  # the event comes after it
        self.wait()

    @property
    def address(self):
        return self.page.evaluate("location.hash")

    def reload(self):
        self.page.reload()
        self.wait()

    def click(self, selector, n=0):
        """Click the nth of these: without the mouse, whose way there is drawn frame by frame."""
        self.page.locator(selector).nth(n).evaluate("element => element.click()")
        self.wait()

    def type(self, field, text):
        self.page.fill(f"#{field}", text)
        self.wait()

    def choose(self, field, value):
        """Set a slider."""
        self.page.locator(f"#{field}").evaluate(
            "(field, value) => { field.value = value; field.dispatchEvent(new Event('input')); }",
            str(value),
        )
        self.wait()

    def open_ways(self, opened=True):
        """Show the fields that say how words are spelled."""
        self.page.locator("#ways").evaluate("(ways, opened) => { ways.open = opened; }", opened)

    @property
    def switches(self):
        return self.page.get_by_role("switch")

    @property
    def code(self):
        """The code that the switches show."""
        checked = self.switches.evaluate_all("all => all.map(each => each.ariaChecked)")
        assert set(checked) <= {"true", "false"}
        return "".join(str(int(state == "true")) for state in checked)

    def flip(self, k):
        self.click("[role=switch]:not([hidden] *)", k)

    @property
    def probabilities(self):
        """The probability of each bit that its bar shows."""
        return self.switches.evaluate_all(
            "all => all.map(each => Number(each.querySelector('i').style.getPropertyValue('--p')))"
        )

    def word(self, selector):
        return self.words(selector)[0]

    def words(self, selector):
        """Return the words that these elements show, without what marks lost letters."""
        return self.page.locator(selector).evaluate_all(f"all => all.map({WITHOUT_MARKS})")

    def rows(self, selector):
        """Return the cells of a table as texts."""
        return self.page.locator(f"{selector} tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )

    @property
    def text(self):
        """All that is to be read."""
        return self.page.inner_text("body")

    def assert_sensible(self, typed=""):
        """Assert that no number is missing; what was typed may be shown as it is."""
        text = self.text.replace(typed, "") if typed.strip() else self.text
        found = NO_ANSWER.search(text)
        assert not found, text[max(0, found.start() - 60) : found.end() + 20]


def numbers(text):
    """Return the numbers in a text; the page writes minus signs."""
    return [float(each) for each in re.findall(r"-?\d+\.\d+", text.replace("−", "-"))]
