"use strict";
/* The model of a page. A word x is its symbols x_1 … x_T: 0 ends it, 1 is an unknown character. A code z is K
   bits, or their means; N of them are decoded together. Units are nats.
   lexbits.load(description) → model, or an Error with a sentence if weights are damaged; lexbits.random(seed)
   model.bits, hasBits, characters, symbols (V), maxLength; encode(text) → x, decode(x) → text, unknown(text)
   posterior(x), prior: {sample(random), logProb(z), logits(z), mode(), mean()}
   logits(x, zs) → [N][T][V]; symbolLogProb(x, zs) → [N][T] log p(x_i|x_<i, z)
   greedy(zs, longest), sample(zs, random, temperature) → N words {symbols, ended}, cut if they have not ended
   noiseOf(x, z, random) → [T][V]; withNoise(zs, noise, random) → N words; flips(x, z, random) → K words
   path(x, x', steps, "means"|"bits") → [{z, symbols, ended}]
   score(x, random, S) → {logProb, standardError, rate, given: [T], marginal: [T]} */
const lexbits = (() => {
  const END = 0, UNKNOWN = 1, UNKNOWN_SIGN = "\ufffd", MEAN_SAMPLES = 64;
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const zeros = (n) => new Float64Array(n);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;
  const add = (to, values) => { for (let i = 0; i < to.length; i++) to[i] += values[i]; return to; };
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const logSigmoid = (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  const logAddExp = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  const logSumExp = (values, most = Math.max(...values)) =>
    most + Math.log(values.reduce((total, value) => total + Math.exp(value - most), 0));
  const kl = (a, b) => // of a bit with logit a from one with logit b
    sigmoid(a) * (logSigmoid(a) - logSigmoid(b)) + sigmoid(-a) * (logSigmoid(-a) - logSigmoid(-b));
  const randomNumbers = (seed) => () => { // mulberry32 (Ettinger 2017), in (0, 1)
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const gumbel = (random) => -Math.log(-Math.log(random()));

  // W x_n for N vectors x_n, W being an array of rows. Four rows and two vectors share what is loaded, at the edges
  // the last one twice. Sums have one order whatever N is: what comes of a code depends on no other.
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
  const step = (recurrent, inputs, hs, cs) => dense(recurrent, hs).forEach((own, n) => {
    const input = inputs[n], h = hs[n], c = cs && cs[n], H = h.length;
    for (let j = 0, k = 2 * H; j < H; j++, k++) {
      const one = sigmoid(input[j] + own[j]), two = sigmoid(input[j + H] + own[j + H]);
      if (c) {
        c[j] = two * c[j] + one * Math.tanh(input[k] + own[k]);
        h[j] = sigmoid(input[k + H] + own[k + H]) * Math.tanh(c[j]);
      } else h[j] = (1 - two) * Math.tanh(input[k] + one * own[k]) + two * h[j];
    }
  });

  // Bits one after another; to the logit of each a chain adds what it makes of the bits that it has read before.
  function bitByBit(base, chainOf = () => ({ logit: () => 0, read: () => {} })) {
    const walk = (choose, chain = chainOf()) => Array.from(base, (own, k) => {
      const logit = own + chain.logit(k), bit = choose(logit, k);
      chain.read(bit, k);
      return { logit, bit };
    });
    const logits = (z) => walk((_, k) => z[k]).map(({ logit }) => logit);
    const bits = (choose) => walk(choose).map(({ bit }) => bit);
    const sample = (random) => bits((a) => Number(random() < sigmoid(a)));
    const logProb = (z) => sum(logits(z).map((a, k) => z[k] * logSigmoid(a) + (1 - z[k]) * logSigmoid(-a)));
    function means() { // of σ(logit_k(z_<k)) over samples, always the same ones
      const random = randomNumbers(0), rows = range(MEAN_SAMPLES).map(() => logits(sample(random)));
      return range(base.length).map((k) => mean(rows.map((row) => sigmoid(row[k]))));
    }
    return { logits, sample, logProb, mode: () => bits((a) => Number(a > 0)), mean: means };
  }
  // p(z) ∝ exp(b·z + Σ_{j<k} W_jk z_j z_k). tree[k][n] is the logarithm of its sum over all z that begin with the
  // k bits of the number n; the logit of the next bit is the difference of two of these.
  function boltzmann(b, W) {
    const gain = (n, k) => b[k] + sum(range(k).map((j) => ((n >> (k - 1 - j)) & 1) * W[j][k]));
    const longer = (energies, k) => energies.flatMap((energy, n) => [energy, energy + gain(n, k)]);
    const tree = [range(b.length).reduce(longer, [0])];
    for (let all; (all = tree[0]).length > 1; )
      tree.unshift(range(all.length / 2).map((n) => logAddExp(all[2 * n], all[2 * n + 1])));
    return bitByBit(zeros(b.length), (n = 0) => ({
      logit: (k) => tree[k + 1][2 * n + 1] - tree[k + 1][2 * n],
      read: (bit) => { n = 2 * n + bit; },
    }));
  }

  // The weights by name, vectors and matrices: float16, or int8 times a scale of each row
  function weightsOf({ tensors, data }) {
    const text = atob(data), content = new Uint8Array(text.length).map((_, i) => text.charCodeAt(i));
    const bytes = new DataView(content.buffer), half = (word) => {
      const exponent = (word >> 10) & 31, fraction = (word & 1023) / 1024;
      return (word >> 15 ? -1 : 1) * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
    };
    const read = ({ shape: [length, columns], at, scales }) => {
      const row = (size, r) => new Float32Array(size).map((_, j) => (scales === undefined
        ? half(bytes.getUint16(at + 2 * (r * size + j), true))
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
    const lstm = s.cell === "lstm", embedding = get("decoder.embedding.weight");
    // What a symbol adds to the gates of a first layer, W e(symbol) + b: computed once for each
    const symbolInputs = (layer, table, known = []) => (symbol) =>
      (known[symbol] ??= dense(layer, [table[symbol]])[0]);

    // Bits of a kind: independent, or with a network over the bits before, which begins with a summary of the word
    function bitsOf(kind, base, name, summary) {
      if (kind === "made") { // Germain et al. (2015): V tanh(W (2z − 1) + b + C summary); masks hide later bits
        const { W, b } = linear(`${name}.inputs`), V = get(`${name}.outputs.weight`), begin = Float64Array.from(b);
        if (summary) add(begin, product(get(`${name}.context.weight`), [summary])[0]);
        return bitByBit(base, (sums = begin.slice()) => ({
          logit: (k) => sums.reduce((total, a, j) => total + (V[k][j] && V[k][j] * Math.tanh(a)), 0),
          read: (bit, k) => add(sums, W.map((row) => row[k] * (2 * bit - 1))),
        }));
      }
      if (kind === "gru") { // h_1 = tanh(dense(summary)), h_{k+1} = gru(h_k, 2 z_k − 1), V_k h_k
        const { input, recurrent } = rnn(`${name}.gru`), V = get(`${name}.outputs`);
        const begin = dense(linear(`${name}.start`), [summary])[0].map(Math.tanh);
        return bitByBit(base, (h = begin.slice()) => ({
          logit: (k) => h.reduce((total, value, j) => total + V[k][j] * value, 0),
          read: (bit) => step(recurrent, dense(input, [[2 * bit - 1]]), [h]),
        }));
      }
      return kind === "boltzmann" ? boltzmann(base, get("couplings")) : bitByBit(base);
    }
    const prior = K ? bitsOf(s.prior, get("prior_logits"), "prior_made") : bitByBit([]);

    // Q(z|x): logits dense(tanh(dense([f_n, b_1]))), where networks f and b read the characters forwards and
    // backwards, from zero states; the empty word is read as its end.
    const names = !K ? [] : s.encoder_bidirectional ? ["forwards", "backwards"] : ["forwards"];
    const readers = names.map((name) => {
      const { input, recurrent } = rnn(`encoder.${name}`), size = recurrent.W[0].length;
      const inputs = symbolInputs(input, tensors["encoder.embedding.weight"] ?? embedding);
      return (symbols, h = zeros(size), c = lstm && [zeros(size)]) => {
        for (const symbol of symbols) step(recurrent, [inputs(symbol)], [h], c);
        return Array.from(h);
      };
    });
    function posterior(x) {
      if (!K) return bitByBit([]);
      const forwards = x.length > 1 ? x.slice(0, -1) : x, orders = [forwards, forwards.slice().reverse()];
      const ends = readers.flatMap((read, side) => read(orders[side]));
      const summary = dense(linear("encoder.combine"), [ends])[0].map(Math.tanh);
      return bitsOf(s.posterior, dense(linear("encoder.logits"), [summary])[0], "conditioner", summary);
    }

    // P(x|z): h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [e(x_{i−1}), z]), and
    // logits_i = dense(h_i) + dense(z). A state is h and c of all layers, and what z adds to gates and logits.
    const layers = range(s.layers).map((l) => rnn("decoder.rnn", l)), output = linear("decoder.logits");
    const { W, b } = layers[0].input, columns = (from, to) => W.map((row) => row.subarray(from, to));
    const ofSymbol = symbolInputs({ W: columns(0, E), b }, embedding);
    const ofCode = K && s.z_at_every_step ? { W: columns(E, E + K) } : null;
    function start(zs) {
      const vectors = zs.map((z) => Float64Array.from(z)), cut = (all) => layers.map((_, l) => all.slice(l * H, l * H + H));
      const from = (layer, size) => (layer ? dense(layer, vectors) : vectors.map(() => zeros(size)));
      const entry = (name, size) => from(tensors[`decoder.${name}.weight`] && linear(`decoder.${name}`), size);
      const hs = entry("z_to_h", H * s.layers), cs = entry("z_to_c", H * s.layers), biases = entry("z_to_logits", V);
      return from(ofCode, W.length).map((gates, n) =>
        ({ h: cut(hs[n].map(Math.tanh)), c: cut(cs[n]), gates, bias: add(biases[n], output.b) }));
    }
    function read(states, symbols) { // a symbol for each; returns the logits of the next one, [N][V]
      let inputs = states.map(({ gates }, n) => add(gates.slice(), ofSymbol(symbols[n])));
      layers.forEach(({ input, recurrent }, l) => {
        if (l) inputs = dense(input, states.map(({ h }) => h[l - 1]));
        step(recurrent, inputs, states.map(({ h }) => h[l]), lstm && states.map(({ c }) => c[l]));
      });
      return product(output.W, states.map(({ h }) => h.at(-1))).map((row, n) => add(row, states[n].bias));
    }
    function logits(x, zs) {
      const states = start(zs), rows = [START, ...x.slice(0, -1)].map((symbol) => read(states, zs.map(() => symbol)));
      return zs.map((_, n) => rows.map((row) => row[n]));
    }
    const symbolLogProb = (x, zs) => logits(x, zs).map((rows) => rows.map((row, i) => row[x[i]] - logSumExp(row)));

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
    const fresh = (random, i) => forbid(zeros(V).map(() => gumbel(random)), i);
    const greedy = (zs, longest = s.max_length) => spell(zs, longest, 1, (i) => forbid(zeros(V), i));
    const sample = (zs, random, temperature = 1) => spell(zs, s.max_length, temperature, (i) => fresh(random, i));
    // Noise under which z spells just x (Oberst and Sontag 2019; Maddison et al. 2014). The largest of logits +
    // noise is Gumbel about log Σ exp(logits), whichever has it: here x_i. The others are Gumbel, and below it.
    const noiseOf = (x, z, random) => logits(x, [z])[0].map((row, i) => {
      const may = range(V).filter((v) => allowed(v, i) || v === x[i]), noise = zeros(V).fill(-Infinity);
      const top = logSumExp(may.map((v) => row[v])) + gumbel(random);
      for (const v of may) noise[v] = (v === x[i] ? top : -logAddExp(-top, -row[v] - gumbel(random))) - row[v];
      return noise;
    });
    const withNoise = (zs, noise, random) =>
      spell(zs, Math.max(s.max_length, noise.length - 1), 1, (i) => noise[i] ?? fresh(random, i));
    const flips = (x, z, random) => withNoise(
      range(K).map((k) => Object.assign([...z], { [k]: 1 - z[k] })), noiseOf(x, z, random), random);

    // p(x_≤i) ≈ 1/S Σ_s w_s p(x_≤i|z_s), w_s = p(z_s) / (½ Q(z_s|x) + ½ p(z_s)), half of the z_s from Q, half from
    // the prior: the balance heuristic (Veach and Guibas 1995). p(x_i|x_<i) = p(x_≤i) / p(x_<i).
    function score(x, random, S = 100) {
      const q = posterior(x), half = Math.max(2, Math.round(S / 2)), key = (z) => z.join("");
      const zs = [q, prior].flatMap((p) => range(half).map(() => p.sample(random)));
      const codes = [...new Set([q.mode(), ...zs].map(key))]; // each is read once
      const table = symbolLogProb(x, codes.map((code) => Array.from(code, Number)));
      const rows = zs.map((z) => table[codes.indexOf(key(z))]);
      const logs = zs.map((z) => [prior.logProb(z), q.logProb(z)]);
      const joint = logs.map(([p, q]) => p - logAddExp(p, q) + Math.LN2); // log w_s, and then + log p(x_≤i|z_s)
      const prefix = x.map((_, i) => logSumExp(add(joint, rows.map((row) => row[i]))) - Math.log(2 * half));
      const logProb = prefix.at(-1), parts = joint.map((value) => Math.exp(value - logProb));
      const variance = (values) => sum(values.map((value) => (value - mean(values)) ** 2)) / (half - 1);
      const spread = variance(parts.slice(0, half)) + variance(parts.slice(half));
      const klOf = (z, b = prior.logits(z)) => sum(q.logits(z).map((a, k) => kl(a, b[k]))); // given the bits before
      return {
        logProb, standardError: Math.sqrt(spread / half) / 2, rate: mean(zs.slice(0, half).map((z) => klOf(z))),
        given: table[0], marginal: prefix.map((value, i) => value - (i ? prefix[i - 1] : 0)),
      };
    }

    // From mean to mean, or from mode to mode, one bit after another: as many as Python rounds to, halves to even
    function path(one, other, steps, through) {
      const [a, b] = [one, other].map(posterior).map((q) => (through === "means" ? q.mean() : q.mode()));
      const differing = range(K).filter((k) => a[k] !== b[k]), f = Math.fround, width = f(1 / (steps - 1));
      const zs = range(steps).map((i) => {
        const w = steps < 2 ? 0 : 2 * i < steps - 1 ? f(i * width) : f(1 - f((steps - 1 - i) * width));
        if (through === "means") return a.map((value, k) => (1 - w) * value + w * b[k]);
        const part = w * differing.length, whole = part % 1 === 0.5 ? 2 * Math.round(part / 2) : Math.round(part);
        return differing.slice(0, whole).reduce((z, k) => Object.assign(z, { [k]: b[k] }), [...a]);
      });
      return greedy(zs).map((word, i) => ({ z: zs[i], ...word }));
    }
    // Characters are code points of the normal form NFC.
    const numbers = new Map(characters.map((character, i) => [character, i + 2]));
    const encode = (text) => [...Array.from(text.normalize("NFC"), (c) => numbers.get(c) ?? UNKNOWN), END];
    const unknown = (text) => [...new Set(text.normalize("NFC"))].filter((c) => !numbers.has(c)).join("");
    const spelled = (symbols) => symbols.map((symbol) => characters[symbol - 2] ?? UNKNOWN_SIGN).join("");
    const decode = (x) => spelled(x.slice(0, [...x, END].indexOf(END))).normalize("NFC");
    return {
      bits: K, hasBits: K > 0, characters, symbols: V, maxLength: s.max_length, encode, decode, unknown, posterior,
      prior, logits, symbolLogProb, greedy, sample, noiseOf, withNoise, flips, score, path,
    };
  }
  return { load, random: randomNumbers };
})();
