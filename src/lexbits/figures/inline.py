"""SVG files -> elements that stand in a page of HTML, in its type and colours, and load nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

DECIMALS = 2
"""Of coordinates: a hundredth of a point is below what anybody sees."""

_AUTOMATIC = re.compile(r"[\w.]+_\d+")
"""Names that matplotlib gives to the parts of a figure, and that nobody asks for."""
_NUMBER = re.compile(r"-?\d+\.\d+")
_DROPPED = {"metadata", "style"}
"""Elements: a style element would hold for the whole page."""


def inlined(svg: bytes, name: str, title: str, colours: Mapping[str, str]) -> str:
    """Return the `<svg>` element of a file of matplotlib whose text was kept as text.

    It is as wide as there is room, transparent, and refers to nothing outside of itself.

    Args:
        svg: the file.
        name: its id, which begins all ids in it, so that a page can hold several figures.
        title: what it shows, for people who do not see it.
        colours: the CSS variable for each colour, by its lower-case hexadecimal name. The colour
            stays where the page does not set the variable.
    """
    root = ElementTree.fromstring(svg)
    for element in [*root.iter()]:
        element.tag, element.tail = _local(element.tag), None
        if element.tag not in ("text", "tspan"):
            element.text = None
        for child in [*element]:
            if _local(child.tag) in _DROPPED or child.get("style") == "fill: none":  # unseen
                element.remove(child)
    values = [value for element in root.iter() for value in element.attrib.values()]
    used = {id_ for value in values for id_ in re.findall(r"(?:^|\()#([\w.-]+)", value)}
    for element in root.iter():
        if _AUTOMATIC.fullmatch(element.get("id", "")) and element.get("id") not in used:
            del element.attrib["id"]
        attributes = [*_attributes(element, name, colours)]
        element.attrib.clear()
        element.attrib.update(attributes)
    inherited = f"fill: {_colour('#000000', colours)}; stroke-linejoin: round; stroke-linecap: butt"
    root.attrib = {"id": name, "viewBox": root.attrib["viewBox"], "role": "img", "style": inherited}
    label = Element("title")
    label.text = title
    root.insert(0, label)
    return ElementTree.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    """Return a name without its namespace: HTML knows that of SVG, and `href` needs none."""
    return name.rpartition("}")[2]


def _attributes(
    element: Element, name: str, colours: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the attributes of an element as they are in a page."""
    for qualified, value in element.attrib.items():
        key = _local(qualified)
        if key == "id":
            yield key, f"{name}-{value}"
        elif key == "style":
            yield key, "; ".join(_declarations(value, colours))
        elif key in ("href", "clip-path"):
            yield key, value.replace("#", f"#{name}-")
        elif key == "d":
            yield key, re.sub(r"\s*([A-Za-z])\s*", r"\1", _rounded(value)).strip()
        elif not value.startswith("rotate(-0 "):
            yield key, _rounded(value)


def _declarations(style: str, colours: Mapping[str, str]) -> Iterator[str]:
    """Yield the declarations of a style: sizes of type without families, colours as variables."""
    for declaration in filter(None, style.split("; ")):
        key, _, value = declaration.partition(": ")
        if key == "font":  # of matplotlib before 3.10: size and families in one
            key, value = "font-size", re.findall(r"[\d.]+px", value)[0]
        if key != "font-family":
            yield f"{key}: {_colour(value, colours)}"


def _colour(value: str, colours: Mapping[str, str]) -> str:
    return f"var(--{colours[value]}, {value})" if value in colours else value


def _rounded(numbers: str) -> str:
    """Return a text with its numbers rounded."""
    return _NUMBER.sub(lambda found: f"{round(float(found[0]), DECIMALS):g}", numbers)
