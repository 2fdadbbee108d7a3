"use strict";
/* The model of a page. A word x is its symbols x_1 … x_T: 0 ends it, 1 is an unknown character. A code z is K bits,
   or their means; N of them go through the decoder together. Units are nats; `random` is of lexbits.random(seed).

   model = lexbits.load(description)           throws an Error with a sentence if the weights are damaged
   model.bits, hasBits, characters, symbols (V), maxLength
   model.encode(text) → symbols;  decode(symbols) → text;  unknown(text) → the characters that it lacks
   model.posterior(symbols), prior             {sample(random), logProb(z)}; Q also {logits(z), mode(), mean()}
   model.logits(symbols, zs) → [N][T][V];      symbolLogProb(symbols, zs) → [N][T] log p(x_i|x_<i, z)
   model.greedy(zs, longest) → N words {symbols, ended}; one that has not ended is cut after `longest`
   model.sample(zs, random, temperature) → N words; all codes share the noise
   model.noiseOf(symbols, z, random) → [T][V]; withNoise(zs, noise, random) → N words
   model.flips(symbols, z, random) → K words;  path(symbols, symbols, steps, "means"|"bits") → [{z, symbols, ended}]
   model.score(symbols, random, S) → {logProb, standardError, rate, given: [T], marginal: [T]} */
const lexbits = (() => {
  const END = 0, UNKNOWN = 1, UNKNOWN_SIGN = "\ufffd", MEAN_SAMPLES = 64;

  // Numbers, and vectors: arrays of them. A matrix is an array of its rows.
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const zeros = (n) => new Float64Array(n);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const add = (to, values) => { for (let i = 0; i < to.length; i++) to[i] += values[i]; return to; };
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const logSigmoid = (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  const logAddExp = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  const logSumExp = (values) => {
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return most + Math.log(values.reduce((total, value) => total + Math.exp(value - most), 0));
  };
  const randomNumbers = (seed) => () => { // mulberry32 (Ettinger 2017): in [0, 1), in steps of 2^-32
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const inside = (random) => random() + 2 ** -33; // in (0, 1)
  const gumbel = (random) => -Math.log(-Math.log(inside(random)));

  // W x_n for N vectors x_n. Two rows and four vectors at a time share what is loaded; at the edges the last row or
  // vector is taken again. A sum has one order whatever N is, so what comes of a code depends on no other code.
  function product(W, xs) {
    const N = xs.length, out = xs.map(() => zeros(W.length));
    for (let r = 0; r < W.length; r += 2) {
      const next = Math.min(r + 1, W.length - 1), u = W[r], v = W[next];
      for (let n = 0; n < N; n += 4) {
        const at = [n, Math.min(n + 1, N - 1), Math.min(n + 2, N - 1), Math.min(n + 3, N - 1)];
        const x0 = xs[at[0]], x1 = xs[at[1]], x2 = xs[at[2]], x3 = xs[at[3]];
        let u0 = 0, u1 = 0, u2 = 0, u3 = 0, v0 = 0, v1 = 0, v2 = 0, v3 = 0;
        for (let j = 0; j < u.length; j++) {
          const a = u[j], b = v[j], y0 = x0[j], y1 = x1[j], y2 = x2[j], y3 = x3[j];
          u0 += a * y0; u1 += a * y1; u2 += a * y2; u3 += a * y3;
          v0 += b * y0; v1 += b * y1; v2 += b * y2; v3 += b * y3;
        }
        out[at[0]][r] = u0; out[at[1]][r] = u1; out[at[2]][r] = u2; out[at[3]][r] = u3;
        out[at[0]][next] = v0; out[at[1]][next] = v1; out[at[2]][next] = v2; out[at[3]][next] = v3;
      }
    }
    return out;
  }
  const dense = ({ W, b }, xs) => product(W, xs).map((out) => (b ? add(out, b) : out)); // W x_n + b

  // A step of N states, given W x + b of each. An LSTM (Hochreiter and Schmidhuber 1997) has the gates i, f, g, o:
  //   c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c');
  // a GRU (Cho et al. 2014; torch's variant) has r, u, n, and r multiplies what the state adds to n:
  //   h' = (1 − σ(u)) tanh(n) + σ(u) h,  n = (W x + b)_n + σ(r) (U h + b')_n.
  function step(recurrent, inputs, hs, cs) {
    dense(recurrent, hs).forEach((own, n) => {
      const input = inputs[n], h = hs[n], c = cs && cs[n], H = h.length;
      for (let j = 0; j < H; j++) {
        const one = sigmoid(input[j] + own[j]), two = sigmoid(input[j + H] + own[j + H]), k = j + 2 * H;
        if (c) {
          c[j] = two * c[j] + one * Math.tanh(input[k] + own[k]);
          h[j] = sigmoid(input[k + H] + own[k + H]) * Math.tanh(c[j]);
        } else h[j] = (1 - two) * Math.tanh(input[k] + one * own[k]) + two * h[j];
      }
    });
  }

  // Bits one after another: bit k has the logit base_k + chain.logit(k), which depends on the bits before it, as
  // the chain has read them; without a chain the bits are independent.
  function bitByBit(base, chainOf) {
    function walk(choose) {
      const chain = chainOf?.(), logits = [], z = [];
      base.forEach((logit, k) => {
        logits.push(logit + (chain ? chain.logit(k) : 0));
        z.push(choose(logits[k], k));
        chain?.read(z[k], k);
      });
      return { logits, z };
    }
    const logits = (z) => walk((_, k) => z[k]).logits;
    const sample = (random) => walk((logit) => Number(inside(random) < sigmoid(logit))).z;
    function mean() { // of σ(logit_k(z_<k)) over samples, always the same; exact where the bits are independent
      const random = randomNumbers(0), samples = range(chainOf ? MEAN_SAMPLES : 1).map(() => logits(sample(random)));
      return range(base.length).map((k) => sum(samples.map((logit) => sigmoid(logit[k]))) / samples.length);
    }
    const logProb = (z) =>
      sum(logits(z).map((logit, k) => z[k] * logSigmoid(logit) + (1 - z[k]) * logSigmoid(-logit)));
    return { independent: !chainOf, logits, sample, mean, mode: () => walk((logit) => Number(logit > 0)).z, logProb };
  }
  // MADE (Germain et al. 2015): logits V tanh(W (2z − 1) + b + C context), b + C context being `begin`; the masks
  // that let logit k depend on earlier bits only are in W and V.
  const madeChain = (W, V, begin, hidden = begin.slice()) => ({
    logit: (k) => V[k].reduce((total, v, j) => (v ? total + v * Math.tanh(hidden[j]) : total), 0),
    read: (bit, k) => { for (let j = 0; j < W.length; j++) hidden[j] += W[j][k] * (2 * bit - 1); },
  });
  // A GRU over bits: h_1 = `begin`, h_{k+1} = gru(h_k, 2 z_k − 1), logits V_k h_k
  const gruChain = ({ input, recurrent }, V, begin, h = begin.slice()) => ({
    logit: (k) => V[k].reduce((total, v, j) => total + v * h[j], 0),
    read: (bit) => step(recurrent, dense(input, [[2 * bit - 1]]), [h], null),
  });
  // p(z) ∝ exp(b·z + Σ_{j<k} W_jk z_j z_k), normalised by the sum over all 2^K codes
  function boltzmann(b, W) {
    const gain = (before, k) => before.reduce((total, bit, j) => total + bit * W[j][k], b[k]);
    let codes = [{ z: [], energy: 0 }], reached = 0;
    b.forEach((_, k) => {
      codes = codes.flatMap(({ z, energy }) => [{ z: [...z, 0], energy }, { z: [...z, 1], energy: energy + gain(z, k) }]);
    });
    const logZ = logSumExp(codes.map(({ energy }) => energy));
    const cumulative = codes.map(({ energy }) => (reached += Math.exp(energy - logZ)));
    function sample(random) {
      const point = random() * reached;
      return codes[cumulative.findIndex((total) => total > point)].z;
    }
    return { sample, logProb: (z) => sum(range(b.length).map((k) => z[k] * gain(z.slice(0, k), k))) - logZ };
  }

  // The weights by name, vectors and matrices: float16, or int8 times a scale of each row.
  function weightsOf({ tensors, data }) {
    const text = atob(data), content = new Uint8Array(text.length).map((_, i) => text.charCodeAt(i));
    const bytes = new DataView(content.buffer), halves = new Float32Array(2 ** 16).map((_, half) => {
      const exponent = (half >> 10) & 31, fraction = (half & 1023) / 1024; // after the sign, 5 and 10 bits
      return (half >> 15 ? -1 : 1) * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
    });
    const read = ({ shape: [length, columns], at, scales }) => {
      const row = (size, r) => new Float32Array(size).map((_, j) => (scales === undefined
        ? halves[bytes.getUint16(at + 2 * (r * size + j), true)]
        : bytes.getInt8(at + r * size + j) * bytes.getFloat32(scales + 4 * r, true)));
      return columns === undefined ? row(length, 0) : range(length).map((r) => row(columns, r));
    };
    return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, read(tensor)]));
  }

  function load({ settings: s, characters, weights }) {
    const K = s.bits, V = characters.length + 2, START = V, H = s.hidden_size, E = s.embedding_size;
    const damaged = (what) => new Error(`The weights in this page are damaged (${what}): make the page again`);
    let tensors;
    try { tensors = weightsOf(weights); } catch (error) { throw damaged(error.message); }
    const get = (name) => { if (tensors[name]) return tensors[name]; throw damaged(`${name} is missing`); };
    const linear = (name, kind = "", end = "") =>
      ({ W: get(`${name}.weight${kind}${end}`), b: tensors[`${name}.bias${kind}${end}`] });
    const rnn = (name, l = 0) => ({ input: linear(name, "_ih", `_l${l}`), recurrent: linear(name, "_hh", `_l${l}`) });
    // What a symbol adds to the gates of a first layer, W e(symbol) + b: computed once for each.
    const symbolInputs = (layer, embedding, known = []) => (symbol) =>
      (known[symbol] ??= dense(layer, [embedding[symbol]])[0]);

    // Q(z|x): base logits dense(summary), summary = tanh(dense([f_n, b_1])); the networks f and b read the characters
    // forwards and backwards, from zero states. The empty word is read as its end.
    const readers = (!K ? [] : s.encoder_bidirectional ? ["forwards", "backwards"] : ["forwards"]).map((name) => {
      const { input, recurrent } = rnn(`encoder.${name}`);
      const table = get(s.encoder_embedding === "own" ? "encoder.embedding.weight" : "decoder.embedding.weight");
      return { name, recurrent, inputs: symbolInputs(input, table) };
    });
    function posterior(symbols) {
      if (!K) return bitByBit([]);
      const read = symbols.length > 1 ? symbols.slice(0, -1) : symbols;
      const ends = readers.flatMap(({ name, recurrent, inputs }) => {
        const h = zeros(recurrent.W[0].length), c = s.cell === "lstm" ? [h.slice()] : null;
        for (const symbol of name === "backwards" ? read.slice().reverse() : read) step(recurrent, [inputs(symbol)], [h], c);
        return [...h];
      });
      const summary = dense(linear("encoder.combine"), [ends])[0].map(Math.tanh);
      const base = dense(linear("encoder.logits"), [summary])[0];
      if (s.posterior === "made") {
        const { W, b } = linear("conditioner.inputs"), V = get("conditioner.outputs.weight");
        const begin = dense({ W: get("conditioner.context.weight"), b }, [summary])[0];
        return bitByBit(base, () => madeChain(W, V, begin));
      }
      if (s.posterior === "factorised") return bitByBit(base);
      const begin = dense(linear("conditioner.start"), [summary])[0].map(Math.tanh);
      return bitByBit(base, () => gruChain(rnn("conditioner.gru"), get("conditioner.outputs"), begin));
    }
    const priors = {
      fixed: (base) => bitByBit(base),
      learned: (base) => bitByBit(base),
      boltzmann: (base) => boltzmann(base, get("couplings")),
      made(base) {
        const { W, b } = linear("prior_made.inputs"), V = get("prior_made.outputs.weight");
        return bitByBit(base, () => madeChain(W, V, Float64Array.from(b)));
      },
    };
    const prior = K ? priors[s.prior](get("prior_logits")) : bitByBit([]);

    // P(x|z): h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [e(x_{i−1}), z]), logits_i = dense(h_i) + dense(z);
    // a prefix of one code has {h, c: of each layer; gates, bias: what z adds to them and to the logits}.
    const layers = range(s.layers).map((l) => rnn("decoder.rnn", l)), output = linear("decoder.logits");
    const { W, b } = layers[0].input, columns = (from, to) => W.map((row) => row.subarray(from, to));
    const ofSymbol = symbolInputs({ W: columns(0, E), b }, get("decoder.embedding.weight"));
    function start(zs) {
      const vectors = zs.map((z) => Float64Array.from(z));
      const entry = (name, size) => (tensors[`decoder.${name}.weight`] // absent where z does not enter there
        ? dense(linear(`decoder.${name}`), vectors) : vectors.map(() => zeros(size)));
      const hs = entry("z_to_h", H * s.layers), cs = entry("z_to_c", H * s.layers), biases = entry("z_to_logits", V);
      const gates = K && s.z_at_every_step ? product(columns(E, E + K), vectors) : vectors.map(() => zeros(W.length));
      const cut = (all) => layers.map((_, l) => all.slice(l * H, (l + 1) * H));
      return vectors.map((_, n) => ({ h: cut(hs[n].map(Math.tanh)), c: cut(cs[n]), gates: gates[n], bias: add(biases[n], output.b) }));
    }
    function read(prefixes, symbols) { // a symbol after each prefix; returns the logits of the next one, [N][V]
      let inputs = prefixes.map(({ gates }, n) => add(gates.slice(), ofSymbol(symbols[n])));
      layers.forEach(({ input, recurrent }, l) => {
        if (l) inputs = dense(input, prefixes.map(({ h }) => h[l - 1]));
        step(recurrent, inputs, prefixes.map(({ h }) => h[l]), s.cell === "lstm" ? prefixes.map(({ c }) => c[l]) : null);
      });
      return product(output.W, prefixes.map(({ h }) => h.at(-1))).map((logits, n) => add(logits, prefixes[n].bias));
    }
    function logits(symbols, zs) {
      const prefixes = start(zs), steps = [START, ...symbols.slice(0, -1)].map((x) => read(prefixes, zs.map(() => x)));
      return zs.map((_, n) => steps.map((step) => step[n]));
    }
    const symbolLogProb = (symbols, zs) =>
      logits(symbols, zs).map((rows) => rows.map((row, i) => row[symbols[i]] - logSumExp(row)));

    // Words from codes: each symbol is the largest of logits / temperature + noise, with one noise for all codes.
    // No noise is greedy decoding, Gumbel noise is sampling; noise −∞ forbids a symbol: always the unknown one, and
    // the end before the first character.
    function spell(zs, longest, temperature, noiseAt) {
      const words = zs.map(() => ({ symbols: [], ended: false }));
      let going = words.slice(), prefixes = start(zs);
      for (let i = 0; i <= longest && going.length; i++) {
        const noise = noiseAt(i), rows = read(prefixes, going.map(({ symbols }) => (i ? symbols[i - 1] : START)));
        rows.forEach((row, n) => {
          let best = 0, most = -Infinity;
          for (let v = 0; v < V; v++) {
            const score = row[v] / temperature + noise[v];
            if (score > most) [best, most] = [v, score];
          }
          going[n].symbols.push(best);
          going[n].ended = best === END;
        });
        prefixes = prefixes.filter((_, n) => !going[n].ended);
        going = going.filter(({ ended }) => !ended);
      }
      for (const { symbols } of going) symbols.length = longest;
      return words;
    }
    const allowed = (symbol, i) => symbol !== UNKNOWN && (symbol !== END || i > 0);
    const silence = (i) => zeros(V).map((_, v) => (allowed(v, i) ? 0 : -Infinity));
    const fresh = (i, random) => zeros(V).map(() => gumbel(random)).map((noise, v) => (allowed(v, i) ? noise : -Infinity));
    const greedy = (zs, longest = s.max_length) => spell(zs, longest, 1, silence);
    const sample = (zs, random, temperature = 1) => spell(zs, s.max_length, temperature, (i) => fresh(i, random));

    // The noise under which z spells just this word (Oberst and Sontag 2019; Maddison et al. 2014): the largest of
    // logits + noise is Gumbel about log Σ exp(logits), whichever symbol has it; the word says which has, and the
    // others are Gumbel variables about their logits that are below it.
    const noiseOf = (symbols, z, random) => logits(symbols, [z])[0].map((row, i) => {
      const may = range(V).filter((v) => allowed(v, i) || v === symbols[i]);
      const top = logSumExp(may.map((v) => row[v])) + gumbel(random), noise = zeros(V).fill(-Infinity);
      for (const v of may) noise[v] = (v === symbols[i] ? top : -logAddExp(-top, -row[v] - gumbel(random))) - row[v];
      return noise;
    });
    const withNoise = (zs, noise, random) =>
      spell(zs, Math.max(s.max_length, noise.length - 1), 1, (i) => noise[i] ?? fresh(i, random));
    const flips = (symbols, z, random) => withNoise(
      range(K).map((k) => Array.from(z, (bit, j) => (j === k ? 1 - bit : bit))), noiseOf(symbols, z, random), random);

    // p(x_≤i) ≈ 1/S Σ_s w_s p(x_≤i|z_s), w_s = p(z_s) / (½ Q(z_s|x) + ½ p(z_s)), half of the z_s from Q and half from
    // the prior: the balance heuristic (Veach and Guibas 1995). p(x_i|x_<i) = p(x_≤i) / p(x_<i).
    function score(symbols, random, S = 100) {
      const q = posterior(symbols), half = Math.max(2, Math.round(S / 2)), mode = q.mode();
      const zs = [q, prior].flatMap((p) => range(K ? half : 0).map(() => p.sample(random)));
      const codes = [...new Set([mode, ...zs].map((z) => z.join("")))]; // each is read once
      const table = symbolLogProb(symbols, codes.map((code) => Array.from(code, Number))), given = table[0];
      if (!K) return { logProb: sum(given), standardError: 0, rate: 0, given, marginal: given };
      const logQ = zs.map(q.logProb), logP = zs.map(prior.logProb), rows = zs.map((z) => table[codes.indexOf(z.join(""))]);
      const joint = logP.map((p, n) => p - logAddExp(p, logQ[n]) + Math.LN2); // log w_s, and soon + log p(x_≤i|z_s)
      const prefix = symbols.map((_, i) => logSumExp(add(joint, rows.map((row) => row[i]))) - Math.log(2 * half));
      const logProb = prefix.at(-1), shares = joint.map((each) => Math.exp(each - logProb));
      const variance = (values) => sum(values.map((value) => (value - sum(values) / half) ** 2)) / (half - 1);
      const spread = variance(shares.slice(0, half)) + variance(shares.slice(half));
      const kl = (a, b) => sigmoid(a) * (logSigmoid(a) - logSigmoid(b)) + sigmoid(-a) * (logSigmoid(-a) - logSigmoid(-b));
      const rate = q.independent && prior.independent
        ? sum(q.logits(mode).map((logit, k) => kl(logit, prior.logits(mode)[k])))
        : sum(range(half).map((n) => logQ[n] - logP[n])) / half;
      const marginal = prefix.map((each, i) => each - (i ? prefix[i - 1] : 0));
      return { logProb, standardError: Math.sqrt(spread / half) / 2, rate, given, marginal };
    }

    // From the mean of one word to that of another, or from mode to mode, bit by bit; greedy words.
    function path(one, other, steps, through) {
      const [a, b] = [one, other].map(posterior).map((q) => (through === "means" ? q.mean() : q.mode()));
      const differing = range(K).filter((k) => a[k] !== b[k]), f = Math.fround, width = f(1 / (steps - 1));
      const zs = range(steps).map((i) => {
        const w = steps < 2 ? 0 : 2 * i < steps - 1 ? f(i * width) : f(1 - f((steps - 1 - i) * width));
        if (through === "means") return a.map((mean, k) => (1 - w) * mean + w * b[k]);
        const part = w * differing.length; // of which a half is rounded to the even number, as Python does
        const done = differing.slice(0, part % 1 === 0.5 ? 2 * Math.round(part / 2) : Math.round(part));
        return a.map((bit, k) => (done.includes(k) ? b[k] : bit));
      });
      return greedy(zs).map((word, i) => ({ z: zs[i], ...word }));
    }

    // Characters are code points of the normal form NFC.
    const numbers = new Map(characters.map((character, i) => [character, i + 2]));
    const encode = (text) => [...Array.from(text.normalize("NFC"), (c) => numbers.get(c) ?? UNKNOWN), END];
    const unknown = (text) => [...new Set(text.normalize("NFC"))].filter((c) => !numbers.has(c)).join("");
    const decode = (symbols) => symbols.slice(0, [...symbols, END].indexOf(END))
      .map((symbol) => characters[symbol - 2] ?? UNKNOWN_SIGN).join("").normalize("NFC");
    return {
      bits: K, hasBits: K > 0, characters, symbols: V, maxLength: s.max_length, encode, decode, unknown, posterior,
      prior, logits, symbolLogProb, greedy, sample, noiseOf, withNoise, flips, score, path,
    };
  }
  return { load, random: randomNumbers };
})();
