"use strict";
/* The model of a page. A word x is its symbols x_1 … x_T: 0 ends it, 1 is an unknown character. A code z is K
   bits, or their means; N of them are decoded together. Units are nats; `random` is of lexbits.random(seed).
   model = lexbits.load(description)          throws an Error with a sentence if the weights are damaged
   model.bits, hasBits, characters, symbols (V), maxLength
   model.encode(text) → symbols; decode(symbols) → text; unknown(text) → the characters that it lacks
   model.posterior(symbols), prior            {sample(random), logProb(z), logits(z), mode(), mean()}
   model.logits(symbols, zs) → [N][T][V]; symbolLogProb(symbols, zs) → [N][T] log p(x_i|x_<i, z)
   model.greedy(zs, longest) → N words {symbols, ended}; one that has not ended is cut after `longest`
   model.sample(zs, random, temperature) → N words; all codes share the noise
   model.noiseOf(symbols, z, random) → [T][V]; withNoise(zs, noise, random) → N words
   model.flips(symbols, z, random) → K words; path(x, x', steps, "means"|"bits") → [{z, symbols, ended}]
   model.score(symbols, random, S) → {logProb, standardError, rate, given: [T], marginal: [T]} */
const lexbits = (() => {
  const END = 0, UNKNOWN = 1, UNKNOWN_SIGN = "\ufffd", MEAN_SAMPLES = 64;

  // Numbers and vectors. A matrix is an array of its rows.
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const zeros = (n) => new Float64Array(n);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;
  const dot = (a, b) => a.reduce((total, value, i) => (value ? total + value * b[i] : total), 0);
  const add = (to, values) => { for (let i = 0; i < to.length; i++) to[i] += values[i]; return to; };
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const logSigmoid = (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  const logAddExp = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  function logSumExp(values) {
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return most + Math.log(values.reduce((total, value) => total + Math.exp(value - most), 0));
  }
  const randomNumbers = (seed) => () => { // mulberry32 (Ettinger 2017): in [0, 1), in steps of 2^-32
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const uniform = (random) => random() + 2 ** -33; // in (0, 1)
  const gumbel = (random) => -Math.log(-Math.log(uniform(random)));

  // W x_n for N vectors x_n. Four rows and two vectors at a time share what is loaded; at the edges the last one
  // is taken again. A sum has one order whatever N is, so what comes of a code depends on no other code.
  function product(W, xs) {
    const out = xs.map(() => zeros(W.length)), last = W.length - 1;
    for (let r = 0; r < W.length; r += 4) {
      const r1 = Math.min(r + 1, last), r2 = Math.min(r + 2, last), r3 = Math.min(r + 3, last);
      const w0 = W[r], w1 = W[r1], w2 = W[r2], w3 = W[r3];
      for (let n = 0; n < xs.length; n += 2) {
        const m = Math.min(n + 1, xs.length - 1), x = xs[n], y = xs[m], a = out[n], b = out[m];
        let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
        for (let j = 0; j < w0.length; j++) {
          const u = x[j], v = y[j], p = w0[j], q = w1[j], s = w2[j], t = w3[j];
          a0 += p * u; a1 += q * u; a2 += s * u; a3 += t * u;
          b0 += p * v; b1 += q * v; b2 += s * v; b3 += t * v;
        }
        a[r] = a0; a[r1] = a1; a[r2] = a2; a[r3] = a3;
        b[r] = b0; b[r1] = b1; b[r2] = b2; b[r3] = b3;
      }
    }
    return out;
  }
  const dense = ({ W, b }, xs) => product(W, xs).map((out) => (b ? add(out, b) : out)); // W x_n + b

  // A step of N states, given W x + b. An LSTM (Hochreiter and Schmidhuber 1997) has the gates i, f, g, o:
  //   c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c');
  // a GRU (Cho et al. 2014, as in torch) r, u, n, where r multiplies what the state adds to n:
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
  // the chain has read them. With no chain the bits are independent.
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
    const sample = (random) => walk((a) => Number(uniform(random) < sigmoid(a))).z;
    const means = (rows) => range(base.length).map((k) => mean(rows.map((row) => sigmoid(row[k]))));
    return {
      logits, sample, mode: () => walk((a) => Number(a > 0)).z,
      logProb: (z) => sum(logits(z).map((a, k) => z[k] * logSigmoid(a) + (1 - z[k]) * logSigmoid(-a))),
      mean(random = randomNumbers(0)) { // of σ(logit_k(z_<k)) over samples: exact if bits are independent
        return means(range(chainOf ? MEAN_SAMPLES : 1).map(() => logits(sample(random))));
      },
    };
  }
  // MADE (Germain et al. 2015): logits V tanh(W (2z − 1) + begin); the masks that hide later bits are in W and V
  const madeChain = (W, V, begin, sums = begin.slice()) => ({
    logit: (k) => dot(V[k], sums.map((value, j) => V[k][j] && Math.tanh(value))),
    read: (bit, k) => W.forEach((row, j) => { sums[j] += row[k] * (2 * bit - 1); }),
  });
  // A GRU over bits: h_1 = begin, h_{k+1} = gru(h_k, 2 z_k − 1), logits V_k h_k
  const gruChain = ({ input, recurrent }, V, begin, h = begin.slice()) => ({
    logit: (k) => dot(V[k], h),
    read: (bit) => step(recurrent, dense(input, [[2 * bit - 1]]), [h], null),
  });
  // p(z) ∝ exp(b·z + Σ_{j<k} W_jk z_j z_k): tree[k] has for the 2^k beginnings z_≤k, the first bit counting most, the
  // logarithm of their sum over all endings, and the logit of a bit is the difference of two of these.
  function boltzmannChain(b, W) {
    const gain = (n, k) => b[k] + sum(range(k).map((j) => ((n >> (k - 1 - j)) & 1) * W[j][k]));
    const tree = [range(b.length).reduce((sums, k) => sums.flatMap((value, n) => [value, value + gain(n, k)]), [0])];
    while (tree[0].length > 1)
      tree.unshift(range(tree[0].length / 2).map((n) => logAddExp(tree[0][2 * n], tree[0][2 * n + 1])));
    return (n = 0) => ({
      logit: (k) => tree[k + 1][2 * n + 1] - tree[k + 1][2 * n],
      read: (bit) => { n = 2 * n + bit; },
    });
  }

  // The weights by name, vectors and matrices: float16, or int8 times a scale of each row.
  function weightsOf({ tensors, data }) {
    const text = atob(data), bytes = new DataView(new ArrayBuffer(text.length));
    for (let i = 0; i < text.length; i++) bytes.setUint8(i, text.charCodeAt(i));
    const halves = new Float32Array(2 ** 16).map((_, half) => { // a sign, 5 bits of exponent, 10 of fraction
      const exponent = (half >> 10) & 31, fraction = (half & 1023) / 1024;
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
    const linear = (name, of = "") => ({ W: get(`${name}.weight${of}`), b: tensors[`${name}.bias${of}`] });
    const rnn = (name, l = 0) => ({ input: linear(name, `_ih_l${l}`), recurrent: linear(name, `_hh_l${l}`) });
    // What a symbol adds to the gates of a first layer, W e(symbol) + b: computed once for each.
    const symbolInputs = (layer, embedding, known = []) => (symbol) =>
      (known[symbol] ??= dense(layer, [embedding[symbol]])[0]);

    // Bits of a kind; a network over the bits before each adds to its logit, started by what is known of a word.
    function bits(kind, logits, name, summary) {
      if (kind === "fixed" || kind === "learned" || kind === "factorised") return bitByBit(logits);
      if (kind === "boltzmann") return bitByBit(zeros(K), boltzmannChain(logits, get("couplings")));
      const V = get(kind === "made" ? `${name}.outputs.weight` : `${name}.outputs`);
      if (kind === "gru") {
        const begin = dense(linear(`${name}.start`), [summary])[0].map(Math.tanh);
        return bitByBit(logits, () => gruChain(rnn(`${name}.gru`), V, begin));
      }
      const { W, b } = linear(`${name}.inputs`), begin = Float64Array.from(b);
      if (summary) add(begin, product(get(`${name}.context.weight`), [summary])[0]);
      return bitByBit(logits, () => madeChain(W, V, begin));
    }
    const prior = K ? bits(s.prior, get("prior_logits"), "prior_made") : bitByBit([]);

    // Q(z|x): logits dense(tanh(dense([f_n, b_1]))), where networks f and b read the characters forwards and
    // backwards, from zero states. The empty word is read as its end.
    const lstm = s.cell === "lstm", sides = !K ? [] : s.encoder_bidirectional ? ["forwards", "backwards"] : ["forwards"];
    const readers = sides.map((name) => {
      const { input, recurrent } = rnn(`encoder.${name}`), owner = s.encoder_embedding === "own" ? "encoder" : "decoder";
      return { name, recurrent, inputs: symbolInputs(input, get(`${owner}.embedding.weight`)) };
    });
    function posterior(symbols) {
      if (!K) return bitByBit([]);
      const characters = symbols.length > 1 ? symbols.slice(0, -1) : symbols;
      const ends = readers.flatMap(({ name, recurrent, inputs }) => {
        const h = zeros(recurrent.W[0].length), c = lstm ? [zeros(h.length)] : null;
        for (const x of name === "backwards" ? characters.slice().reverse() : characters) step(recurrent, [inputs(x)], [h], c);
        return Array.from(h);
      });
      const summary = dense(linear("encoder.combine"), [ends])[0].map(Math.tanh);
      return bits(s.posterior, dense(linear("encoder.logits"), [summary])[0], "conditioner", summary);
    }

    // P(x|z): h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [e(x_{i−1}), z]), logits_i = dense(h_i) +
    // dense(z). The state of a code has h and c of all layers, and what z adds to the gates and to the logits.
    const layers = range(s.layers).map((l) => rnn("decoder.rnn", l)), output = linear("decoder.logits");
    const { W, b } = layers[0].input, columns = (from, to) => W.map((row) => row.subarray(from, to));
    const ofSymbol = symbolInputs({ W: columns(0, E), b }, get("decoder.embedding.weight"));
    function start(zs) {
      const vectors = zs.map((z) => Float64Array.from(z)), from = (name, size) => // nothing where z does not enter
        (tensors[`${name}.weight`] ? dense(linear(name), vectors) : vectors.map(() => zeros(size)));
      const cut = (all) => layers.map((_, l) => all.slice(l * H, (l + 1) * H)), size = H * s.layers;
      const hs = from("decoder.z_to_h", size), cs = from("decoder.z_to_c", size), bias = from("decoder.z_to_logits", V);
      const gates = K && s.z_at_every_step ? product(columns(E, E + K), vectors) : vectors.map(() => zeros(W.length));
      return hs.map((h, n) => ({ h: cut(h.map(Math.tanh)), c: cut(cs[n]), gates: gates[n], bias: add(bias[n], output.b) }));
    }
    function read(states, symbols) { // a symbol for each; returns the logits of the next one, [N][V]
      let inputs = states.map(({ gates }, n) => add(gates.slice(), ofSymbol(symbols[n])));
      layers.forEach(({ input, recurrent }, l) => {
        if (l) inputs = dense(input, states.map(({ h }) => h[l - 1]));
        step(recurrent, inputs, states.map(({ h }) => h[l]), lstm ? states.map(({ c }) => c[l]) : null);
      });
      return product(output.W, states.map(({ h }) => h.at(-1))).map((row, n) => add(row, states[n].bias));
    }
    function logits(symbols, zs) {
      const states = start(zs), steps = [START, ...symbols.slice(0, -1)].map((x) => read(states, zs.map(() => x)));
      return zs.map((_, n) => steps.map((rows) => rows[n]));
    }
    const symbolLogProb = (symbols, zs) =>
      logits(symbols, zs).map((rows) => rows.map((row, i) => row[symbols[i]] - logSumExp(row)));

    // Each symbol of a word is the largest of logits / temperature + noise, with one noise for all codes: none in
    // greedy decoding, Gumbel noise in sampling; −∞ for what may not be: the unknown symbol, and the empty word.
    function spell(zs, longest, temperature, noiseAt) {
      const words = zs.map(() => ({ symbols: [], ended: false }));
      let going = words, states = start(zs);
      for (let i = 0; i <= longest && going.length; i++) {
        const noise = noiseAt(i), rows = read(states, going.map(({ symbols }) => (i ? symbols[i - 1] : START)));
        going.forEach((word, n) => {
          const scores = rows[n].map((logit, v) => logit / temperature + noise[v]);
          word.symbols.push(scores.indexOf(Math.max(...scores)));
          word.ended = word.symbols[i] === END;
        });
        states = states.filter((_, n) => !going[n].ended);
        going = going.filter(({ ended }) => !ended);
      }
      for (const { symbols } of going) symbols.length = longest;
      return words;
    }
    const allowed = (v, i) => v !== UNKNOWN && (v !== END || i > 0);
    const forbid = (noise, i) => noise.map((value, v) => (allowed(v, i) ? value : -Infinity));
    const fresh = (random) => (i) => forbid(zeros(V).map(() => gumbel(random)), i);
    const greedy = (zs, longest = s.max_length) => spell(zs, longest, 1, (i) => forbid(zeros(V), i));
    const sample = (zs, random, temperature = 1) => spell(zs, s.max_length, temperature, fresh(random));

    // Noise under which z spells just this word (Oberst and Sontag 2019; Maddison et al. 2014). The largest of
    // logits + noise is Gumbel about log Σ exp(logits), whichever symbol has it: that of the word. The others are
    // Gumbel about their logits, and below it.
    const noiseOf = (symbols, z, random) => logits(symbols, [z])[0].map((row, i) => {
      const may = range(V).filter((v) => allowed(v, i) || v === symbols[i]), noise = zeros(V).fill(-Infinity);
      const top = logSumExp(may.map((v) => row[v])) + gumbel(random);
      for (const v of may) noise[v] = (v === symbols[i] ? top : -logAddExp(-top, -row[v] - gumbel(random))) - row[v];
      return noise;
    });
    function withNoise(zs, noise, random, after = fresh(random)) {
      return spell(zs, Math.max(s.max_length, noise.length - 1), 1, (i) => noise[i] ?? after(i));
    }
    function flips(symbols, z, random) {
      const zs = range(K).map((k) => Array.from(z, (bit, j) => (j === k ? 1 - bit : bit)));
      return withNoise(zs, noiseOf(symbols, z, random), random);
    }

    // p(x_≤i) ≈ 1/S Σ_s w_s p(x_≤i|z_s), w_s = p(z_s) / (½ Q(z_s|x) + ½ p(z_s)), half of the z_s from Q, half from
    // the prior: the balance heuristic (Veach and Guibas 1995). p(x_i|x_<i) = p(x_≤i) / p(x_<i).
    function score(symbols, random, S = 100) {
      const q = posterior(symbols), half = Math.max(2, Math.round(S / 2)), key = (z) => z.join("");
      const zs = [q, prior].flatMap((p) => range(K ? half : 0).map(() => p.sample(random)));
      const codes = [...new Set([q.mode(), ...zs].map(key))]; // each is read once
      const table = symbolLogProb(symbols, codes.map((code) => Array.from(code, Number))), given = table[0];
      if (!K) return { logProb: sum(given), standardError: 0, rate: 0, given, marginal: given };
      const rows = zs.map((z) => table[codes.indexOf(key(z))]), log = zs.map((z) => [prior.logProb(z), q.logProb(z)]);
      const joint = log.map(([p, q]) => p - logAddExp(p, q) + Math.LN2); // log w_s, and then + log p(x_≤i|z_s)
      const prefix = symbols.map((_, i) => logSumExp(add(joint, rows.map((row) => row[i]))) - Math.log(2 * half));
      const logProb = prefix.at(-1), marginal = prefix.map((value, i) => value - (i ? prefix[i - 1] : 0));
      const parts = joint.map((value) => Math.exp(value - logProb)), square = (x) => x * x;
      const variance = (values) => sum(values.map((value) => square(value - mean(values)))) / (half - 1);
      const standardError = Math.sqrt((variance(parts.slice(0, half)) + variance(parts.slice(half))) / half) / 2;
      const kl = (a, b) => sigmoid(a) * (logSigmoid(a) - logSigmoid(b)) + sigmoid(-a) * (logSigmoid(-a) - logSigmoid(-b));
      const klOf = (z, b = prior.logits(z)) => sum(q.logits(z).map((a, k) => kl(a, b[k]))); // Σ_k, given z_<k
      return { logProb, standardError, rate: mean(zs.slice(0, half).map((z) => klOf(z))), given, marginal };
    }

    // From mean to mean, or from mode to mode, one bit after another, as Python rounds: in float32, halves to even.
    function path(one, other, steps, through) {
      const [a, b] = [one, other].map(posterior).map((q) => (through === "means" ? q.mean() : q.mode()));
      const differing = range(K).filter((k) => a[k] !== b[k]), f = Math.fround, width = f(1 / (steps - 1));
      const zs = range(steps).map((i) => {
        const w = steps < 2 ? 0 : 2 * i < steps - 1 ? f(i * width) : f(1 - f((steps - 1 - i) * width));
        const part = w * differing.length, whole = part % 1 === 0.5 ? 2 * Math.round(part / 2) : Math.round(part);
        if (through === "means") return a.map((value, k) => (1 - w) * value + w * b[k]);
        return a.map((value, k) => (differing.indexOf(k) < whole ? b[k] : value)); // equal where they do not differ
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
