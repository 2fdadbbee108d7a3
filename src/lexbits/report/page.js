/* The controls of the page. What is typed and clicked becomes the state; the state is shown, and is in the address.
   What takes long is shown later, block by block. Text only ever becomes text nodes: no word can become markup. */
(() => {
  const byId = (id) => document.getElementById(id), all = (selector) => [...document.querySelectorAll(selector)];
  const data = JSON.parse(byId("data").textContent), several = data.models.length > 1;
  const LONGEST = 60, LONGEST_TEXT = 240, DRAWN = 18, STEPS = 7, SAMPLES = 100, BITS_AT_ONCE = 16, PAUSE = 60, MOST_SEED = 999999999;
  const USUAL = { how: "greedy", t: 1, seed: 1, draw: 1 };
  const middle = data.models.length >> 1, state = { ...USUAL, model: middle, word: "", to: data.start.to, base: null, code: [] };
  const loaded = [], facts = () => data.models[state.model], switches = () => all(`#bits-${state.model} button`);
  const model = (number = state.model) => (loaded[number] ??= lexbits.load(data.models[number]));
  function make(tag, attributes, ...content) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  }
  const word = (...content) => make("bdi", { class: "word" }, ...content);
  const button = (use, ...content) => {
    const made = make("button", { type: "button" }, ...content);
    made.addEventListener("click", () => { use(); show(); });
    return made;
  };
  const seeBits = () => byId(model().bits ? "spelled" : "word").scrollIntoView({ block: "nearest" });
  const cell = (value, digits) => make("td", { class: "num" }, nats(value, digits));
  const nats = (value, digits = 2) => value.toFixed(digits).replace("-", "\u2212");
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const signs = (text) => (globalThis.Intl?.Segmenter
    ? Array.from(new Intl.Segmenter().segment(text), (part) => part.segment) : Array.from(text));
  const spelled = ({ symbols, ended }, one = model()) => one.decode(symbols) + (ended ? "" : "\u2026");
  /* `text` with what is not as in `from` marked: between what both begin with and what both end with. */
  function differing(from, text) {
    const a = signs(from), b = signs(text), most = Math.min(a.length, b.length);
    let first = 0, last = 0;
    while (first < most && a[first] === b[first]) first++;
    while (last < most - first && a.at(-1 - last) === b.at(-1 - last)) last++;
    const fresh = b.slice(first, b.length - last).join(""), lost = a.slice(first, a.length - last).join("");
    const mark = fresh ? make("ins", {}, fresh) : lost ? make("del", { title: `without ${lost}` }, "\u2038") : "";
    return word(b.slice(0, first).join(""), mark, b.slice(b.length - last).join(""));
  }
  /* Work for later: `block` shows what depends on `names` of the state, and is made anew where one has changed. Long
     work returns what is left of it, whose turn comes after the others'. */
  const keys = {}, waiting = [];
  function later(block, names, work) {
    const key = JSON.stringify(names.map((name) => state[name])), wanted = () => keys[block] === key;
    if (wanted()) return;
    keys[block] = key;
    document.documentElement.removeAttribute("data-ready");
    if (waiting.push({ wanted, work }) === 1) setTimeout(workOff, PAUSE);
  }
  function workOff() {
    const { wanted, work } = waiting.shift(), rest = wanted() && work();
    if (rest) waiting.push({ wanted, work: rest });
    if (waiting.length) setTimeout(workOff); else document.documentElement.setAttribute("data-ready", "");
  }
  /* A word brings its own bits, unless it comes with those that it was made from, its `base`. */
  function take(text, base = null, number = state.model) {
    Object.assign(state, { word: text.normalize("NFC"), base, model: number }); // a changed case may compose
    state.code = ownBits();
  }
  const symbols = () => model().encode(state.word);
  const ownBits = () => (model().bits ? state.base ?? [...model().posterior(symbols()).mode()] : []);
  const flipped = (code, k) => code.map((bit, other) => (other === k ? 1 - bit : bit));
  /* What is wrong with a word, and what is to be known of it, in a sentence. */
  function fault(text) {
    if (!text) return "Type a word.";
    if (/[\p{Cc}\p{Cs}]/u.test(text)) return "This holds a control character, which no word has.";
    return text.length > LONGEST_TEXT || signs(text).length > LONGEST ? `Expected at most ${LONGEST} letters.` : "";
  }
  function remark(text) {
    const unknown = signs(model().unknown(text)).map((sign) => (sign === " " ? "a space" : `\u2018${sign}\u2019`)).join(", ");
    return unknown && `The model has never seen ${unknown}: each is treated as an unknown letter.`;
  }
  /* The address; what is not as it should be there is left out. */
  function readAddress() {
    const given = new URLSearchParams(location.hash.slice(1)), get = (name) => (given.get(name) ?? "").trim().normalize("NFC");
    const named = data.models.findIndex(({ name }) => name === get("model")), number = named < 0 ? middle : named;
    const code = (name) => (RegExp(`^[01]{${model(number).bits}}$`).test(get(name) || " ") ? Array.from(get(name), Number) : null);
    take(fault(get("word")) ? data.start.word : get("word"), code("base"), number);
    state.code = code("code") ?? state.code;
    if (!fault(get("to"))) state.to = get("to");
    state.how = get("how") === "sample" ? "sample" : "greedy";
    state.t = get("t") >= 0.1 && get("t") <= 2 ? Math.round(10 * get("t")) / 10 : USUAL.t;
    for (const name of ["seed", "draw"]) state[name] = /^\d{1,9}$/.test(get(name)) ? Number(get(name)) : USUAL[name];
  }
  function writeAddress() {
    const kept = new URLSearchParams({ word: state.word });
    if (several) kept.set("model", facts().name);
    if (model().bits) kept.set("code", state.code.join(""));
    if (state.base) kept.set("base", state.base.join(""));
    for (const [name, usual] of Object.entries({ to: data.start.to, ...USUAL })) if (state[name] !== usual) kept.set(name, state[name]);
    try { history.replaceState(null, "", `#${kept}`); } catch { /* a sandboxed frame has no address of its own */ }
  }
  /* A word in the case that the model knows all its letters in, if there is one. */
  const inKnownCase = (text) => [text, text.toLowerCase(), text.toUpperCase()].find((each) => !model().unknown(each)) ?? text;
  function show() {
    writeAddress();
    const { bits } = model(), has = { bits, "no bits": !bits, map: byId(`map-${state.model}`), sweep: several };
    for (const part of all("[data-needs]")) part.hidden = !has[part.dataset.needs];
    for (const set of all("#bits > *, #map > *")) set.toggleAttribute("hidden", !set.id.endsWith(`-${state.model}`));
    for (const id of ["word", "to", "seed", "t", "how"]) if (document.activeElement !== byId(id)) byId(id).value = state[id];
    for (const id of ["word", "to"]) byId(`${id}-note`).textContent = remark(state[id]);
    byId("t-shown").textContent = state.t.toFixed(1);
    showMap();
    if (bits) showBits();
    if (bits) later("flips", ["model", "word", "base", "seed"], showFlips);
    later("score", ["model", "word"], showScore);
    if (bits) later("path", ["model", "word", "to"], showPaths);
    later("samples", ["model", "draw", "t"], showSamples);
    if (several) later("rates", ["word"], showRates);
    if (several) later("rate", ["model", "word"], showRate);
  }
  function showBits() {
    const q = model().posterior(symbols()).mean(), own = ownBits(), random = lexbits.random(state.seed);
    switches().forEach((bit, k) => {
      bit.setAttribute("aria-checked", state.code[k] === 1);
      bit.setAttribute("aria-description", `on for this word with probability ${q[k].toFixed(2)}`);
      bit.classList.toggle("turned", state.code[k] !== own[k]);
      bit.children[1].textContent = state.code[k];
      bit.children[2].style.setProperty("--p", q[k].toFixed(3));
    });
    const found = state.how === "sample" ? model().sample([state.code], random, state.t) : model().greedy([state.code]);
    byId("spelled").replaceChildren(word(spelled(found[0])));
    byId("instead").replaceChildren(differing(state.word, counterfactuals([state.code])[0]));
  }
  /* What the word would have been with other bits, all other chance in its spelling held. A letter that the model does
     not know stays what it was: that is part of the chance. */
  function counterfactuals(codes) {
    const noise = model().noiseOf(symbols(), ownBits(), lexbits.random(state.seed)), letters = [...state.word];
    return model().withNoise(codes, noise, lexbits.random(state.seed + 1))
      .map((found) => [...spelled(found)].map((sign, i) => (sign === "\ufffd" ? letters[i] : sign)).join(""));
  }
  function showFlips() {
    const own = ownBits(), codes = own.map((_, k) => flipped(own, k)), rows = [];
    performance.mark("lexbits-flips-start");
    return (function some() {
      for (const text of counterfactuals(codes.slice(rows.length, rows.length + BITS_AT_ONCE))) {
        const k = rows.length, label = make("small", {}, `bit ${k + 1} ${own[k] ? "off" : "on"}`);
        rows.push(make("li", { class: text === state.word ? "same" : "other" },
          button(() => { state.code = codes[k]; seeBits(); }, label, differing(state.word, text))));
      }
      if (rows.length < own.length) return some;
      byId("flips").replaceChildren(...rows);
      performance.measure("lexbits-flips", "lexbits-flips-start");
    })();
  }
  function showScore() {
    const { logProb, standardError, marginal, given, rate } = model().score(symbols(), lexbits.random(1), SAMPLES);
    const lines = model().bits ? [["without its bits", marginal], ["given its bits", given]] : [["each letter", marginal]];
    byId("score").textContent =
      `log P(x) = ${nats(logProb)}${standardError > 0.005 ? ` \u00b1 ${nats(standardError)}` : ""} nats, or ` +
      `${nats(-logProb / Math.LN2 / marginal.length)} bits a letter, the end counted. ` +
      (model().bits ? `Given its bits, log P(x|z) = ${nats(sum(given))}; the bits themselves cost ${nats(rate)} nats (KL).` : "");
    const bars = marginal.map((_, i) => make("td", { class: "bars", "aria-hidden": "true" },
      ...lines.map(([, values]) => make("i", { style: `--nats: ${Math.max(0, -values[i]).toFixed(2)}` }))));
    const letters = [...state.word, "end"].map((sign) => make("th", { scope: "col" }, word(sign)));
    byId("letters").dir = getComputedStyle(byId("word")).direction;
    byId("letters").replaceChildren(...[[make("td", {}), ...bars], [make("td", {}), ...letters], ...lines.map(([name, values]) =>
      [make("th", { scope: "row" }, name), ...values.map((value) => cell(-value, 1))])].map((row) => make("tr", {}, ...row)));
  }
  function showPaths() {
    for (const through of ["means", "bits"])
      byId(`path-${through}`).replaceChildren(...model().path(symbols(), model().encode(state.to), STEPS, through).map((point) =>
        make("li", {}, button(() => { state.code = Array.from(point.z, (bit) => Number(bit > 0.5)); seeBits(); }, word(spelled(point))))));
  }
  function showSamples() {
    const random = lexbits.random(state.draw + MOST_SEED);
    byId("samples").replaceChildren(...Array.from({ length: DRAWN }, () => {
      const z = [...model().prior.sample(random)], [made] = model().sample([z], random, state.t), text = model().decode(made.symbols);
      return make("li", {}, button(() => { if (!fault(text)) take(text, model().bits ? z : null); seeBits(); }, word(spelled(made))));
    }));
  }
  function showMap() {
    const wanted = byId("search").value.trim().normalize("NFC").toLowerCase(), points = all(`#map-${state.model} g`);
    const hits = points.filter((point) => wanted && point.dataset.word.toLowerCase().includes(wanted));
    for (const point of points) {
      point.classList.toggle("here", point.dataset.word === state.word);
      point.classList.toggle("hit", hits.includes(point));
    }
    byId("found").textContent = wanted && `${hits.length} of ${points.length} words have \u2018${wanted}\u2019.`;
  }
  /* A sweep: each model on the word, and the point of the chosen one in the figure. */
  function showRates() {
    byId("rates").replaceChildren(...data.models.map((each, number) => {
      const one = model(number), x = one.encode(state.word), { rate, given, logProb } = one.score(x, lexbits.random(1), SAMPLES);
      const back = one.bits ? differing(state.word, spelled(one.greedy([one.posterior(x).mode()])[0], one)) : "\u2013";
      return make("tr", {}, make("th", { scope: "row" }, button(() => take(state.word, null, number), each.label)),
        cell(rate), cell(-sum(given)), cell(-logProb), make("td", {}, back));
    }));
  }
  function showRate() {
    byId("rate").value = state.model;
    byId("rate").setAttribute("aria-valuetext", facts().label);
    byId("rate-shown").textContent = facts().label;
    all("#rates tr").forEach((row, number) => row.classList.toggle("chosen", number === state.model));
    for (const mark of all("[id*='-point-']")) mark.classList.toggle("on", mark.id.includes(`-point-${facts().point}-`));
  }
  function listen() {
    const on = (id, kind, use) => byId(id).addEventListener(kind, (event) => { use(byId(id).value?.trim(), event); show(); });
    const typed = (id, faultOf, use) => byId(id).addEventListener("input", () => {
      const value = byId(id).value.trim().normalize("NFC"), found = faultOf(value);
      if (!found) { use(value); show(); }
      byId(id).toggleAttribute("aria-invalid", found !== "");
      const read = id === "seed" || state[id] === value ? "" : `Read as \u2018${state[id]}\u2019.`;
      byId(`${id}-note`).textContent = found || (id === "seed" ? "" : read || remark(value));
    });
    typed("word", fault, (text) => take(inKnownCase(text)));
    typed("to", fault, (text) => { state.to = inKnownCase(text).normalize("NFC"); });
    typed("seed", (text) => (/^\d{1,9}$/.test(text) ? "" : "Expected a whole number from 0 to 999,999,999."),
      (text) => { state.seed = Number(text); });
    on("how", "change", (value) => { state.how = value; });
    on("t", "input", (value) => Object.assign(state, { t: Number(value), how: "sample" }));
    on("search", "input", () => {});
    on("rate", "input", (value) => take(state.word, null, Number(value)));
    on("another", "click", () => {
      const others = [data.start.word, data.start.to, ...all(`#map-${state.model} g`).map((point) => point.dataset.word)];
      take(others[Math.floor(Math.random() * others.length)]);
    });
    on("own", "click", () => { state.code = ownBits(); });
    on("prior", "click", () => { state.code = [...model().prior.sample(Math.random)]; });
    on("none", "click", () => { state.code = state.code.map(() => 0); });
    on("draw", "click", () => { state.draw = (state.draw % MOST_SEED) + 1; });
    on("bits", "click", (_, { target }) => { state.code = flipped(state.code, switches().indexOf(target.closest("button"))); });
    on("map", "click", (_, { target }) => { if (target.closest("g")) { take(target.closest("g").dataset.word); seeBits(); } });
    on("map", "keydown", (_, event) => {
      if (![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      event.target.dispatchEvent(new Event("click", { bubbles: true }));
    });
    addEventListener("hashchange", () => {
      if (!location.hash.includes("=")) return; // a link within the page
      document.activeElement.blur();
      readAddress();
      show();
    });
  }
  byId("play").hidden = false;
  try {
    readAddress();
    listen();
    show();
  } catch (error) {
    byId("play-note").textContent = `The model cannot be run here: ${error.message}.`;
    for (const card of all("#play .card")) card.hidden = true;
    throw error;
  }
})();
