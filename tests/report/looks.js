/* What a test asks of the looks of a page. */

/* The texts whose contrast is less than the 4.5 that WCAG 2 asks for. */
function faint() {
  const parse = (text) => text.match(/[\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((c, i) => a * c + (1 - a) * under[i]);
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => rgb.map((c, i) => linear(c / 255) * [0.2126, 0.7152, 0.0722][i]).reduce((a, b) => a + b);
  const paper = (element) => element === null ? [255, 255, 255]
    : over(parse(getComputedStyle(element).backgroundColor), paper(element.parentElement));
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    if (!text || element.closest("svg, script") || !element.checkVisibility()) continue;
    const opacity = Number(getComputedStyle(element.closest("button") ?? element).opacity);
    const [r, g, b, a = 1] = parse(getComputedStyle(element).color), behind = paper(element);
    const both = [light(over([r, g, b, a * opacity], behind)), light(behind)];
    const contrast = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (contrast < 4.5) found.push(`${text}: ${contrast.toFixed(2)}`);
  }
  return found;
}

/* What goes beyond the right edge, and cannot be scrolled in a box of its own. */
function tooWide() {
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .filter((element) => !element.closest(".scroll, .figure, pre"))
    .map((element) => element.outerHTML.slice(0, 80));
}

/* Where things are on the page. */
function places() {
  return [...document.querySelectorAll("[role=switch], #another, h3, #flips, #samples")]
    .filter((element) => element.checkVisibility())
    .map((element) => element.getBoundingClientRect())
    .map(({ left, top, width, height }) => [left, top + scrollY, width, height]);
}
