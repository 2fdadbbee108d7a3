"use strict";
/* The model of a page. A word x is its symbols x_1 … x_T: 0 ends it, 1 is an unknown character. A code z is K
   bits, or their means; N of them are decoded together. Units are nats. `random` is of lexbits.random(seed);
   lexbits.load(description) gives a model, or an Error with a sentence if its weights are damaged. It has
   bits, hasBits, characters, symbols (V), maxLength; encode(text) → x, decode(x) → text, unknown(text);
   posterior(x), prior: {sample(random), logProb(z), logits(z), mode(), mean()};
   logits(x, zs) → [N][T][V]; symbolLogProb(x, zs) → [N][T] log p(x_i|x_<i, z);
   greedy(zs, longest), sample(zs, random, temperature) → N words {symbols, ended}, cut if not ended;
   noiseOf(x, z, random) → [T][V]; withNoise(zs, noise, random) → N words;
   path(x, x', steps, "means"|"bits") → [{z, symbols, ended}];
   score(x, random, S) → {logProb, standardError, rate, given: [T], marginal: [T]}. */
const lexbits = (() => {
  const END = 0, UNKNOWN = 1, UNKNOWN_SIGN = "\ufffd", MEAN_SAMPLES = 64;
  const range = (n) => Array.from({ length: n }, (_, i) => i), zeros = (n) => new Float64Array(n);
  const add = (to, values) => { for (let i = 0; i < to.length; i++) to[i] += values[i]; return to; };
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;
  const logSumExp = (all, top = Math.max(...all)) => top + Math.log(sum(all.map((a) => Math.exp(a - top))));
  const sigmoid = (a) => 1 / (1 + Math.exp(-a));
  const logSigmoid = (a) => Math.min(a, 0) - Math.log1p(Math.exp(-Math.abs(a)));
  const random = (seed) => () => { // mulberry32 (Ettinger 2017), in (0, 1)
    seed = (seed + 0x6d2b79f5) >>> 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const gumbel = (random) => -Math.log(-Math.log(random()));

  // W x_n for N vectors x_n, W being an array of rows. Two rows and two vectors share what is loaded, the
  // last one with itself. Sums have one order whatever N is, so what comes of a code depends on no other.
  function product(W, xs) {
    const out = xs.map(() => zeros(W.length));
    for (let r = 0; r < W.length; r += 2) {
      const next = Math.min(r + 1, W.length - 1), u = W[r], v = W[next];
      for (let n = 0; n < xs.length; n += 2) {
        const other = Math.min(n + 1, xs.length - 1), x = xs[n], y = xs[other];
        let ux = 0, uy = 0, vx = 0, vy = 0;
        for (let j = 0; j < u.length; j++) {
          const uj = u[j], vj = v[j], xj = x[j], yj = y[j];
          ux += uj * xj; uy += uj * yj; vx += vj * xj; vy += vj * yj;
        }
        out[n][r] = ux; out[other][r] = uy; out[n][next] = vx; out[other][next] = vy;
      }
    }
    return out;
  }
  const dense = ({ W, b }, xs) => product(W, xs).map((out) => (b ? add(out, b) : out)); // W x_n + b
  // A step of N states, given W x + b. LSTM (Hochreiter and Schmidhuber 1997), gates i, f, g, o:
  //   c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c').  GRU (Cho et al. 2014, as in torch), gates r, u, n:
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

  // Bits one after another; a chain adds to the logit of each what it makes of the bits it has read before.
  function bitByBit(base, chainOf = () => ({ logit: () => 0, read: () => {} })) {
    const walk = (choose, chain = chainOf()) => Array.from(base, (own, k) => {
      const logit = own + chain.logit(k), bit = choose(logit, k);
      chain.read(bit, k);
      return { logit, bit };
    });
    const logits = (z) => walk((_, k) => z[k]).map(({ logit }) => logit);
    const bits = (choose) => walk(choose).map(({ bit }) => bit), mode = () => bits((a) => Number(a > 0));
    const sample = (random) => bits((a) => Number(random() < sigmoid(a)));
    const logProb = (z) => sum(logits(z).map((a, k) => z[k] * a + logSigmoid(-a)));
    const average = (rows) => Array.from(base, (_, k) => mean(rows.map((row) => sigmoid(row[k]))));
    const means = (same = random(0)) => average(range(MEAN_SAMPLES).map(() => logits(sample(same))));
    return { logits, sample, logProb, mode, mean: () => means() };
  }
  // p(z) ∝ exp(b·z + Σ_{j<k} W_jk z_j z_k). tree[k][n] is the logarithm of its sum over all z that begin with
  // the k bits of the number n; the logit of the next bit is the difference of two of these.
  function boltzmann(b, W) {
    const gain = (n, k) => b[k] + sum(range(k).map((j) => ((n >> (k - 1 - j)) & 1) * W[j][k]));
    const longer = (energies, k) => energies.flatMap((energy, n) => [energy, energy + gain(n, k)]);
    const shorter = (sums) => range(sums.length / 2).map((n) => logSumExp(sums.slice(2 * n, 2 * n + 2)));
    const tree = b.reduce((all) => [shorter(all[0]), ...all], [range(b.length).reduce(longer, [0])]);
    return bitByBit(zeros(b.length), (n = 0) => ({
      logit: (k) => tree[k + 1][2 * n + 1] - tree[k + 1][2 * n], read: (bit) => { n = 2 * n + bit; },
    }));
  }

  // Weights by name: int8 times the scale of a row, or float16: a sign, 5 bits of exponent, 10 of fraction
  function weightsOf({ tensors, data }) {
    const text = atob(data), code = (_, i) => text.charCodeAt(i);
    const bytes = new DataView(new Uint8Array(text.length).map(code).buffer);
    const half = (word, exponent = (word >> 10) & 31, fraction = (word & 1023) / 1024) =>
      (word >> 15 ? -1 : 1) * (exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14);
    return Object.fromEntries(Object.entries(tensors).map(([name, { shape: [size, wide], at, scales }]) => {
      const number = (i, r) => (scales === undefined ? half(bytes.getUint16(at + 2 * i, true))
        : bytes.getInt8(at + i) * bytes.getFloat32(scales + 4 * r, true));
      const row = (r, length) => new Float32Array(length).map((_, j) => number(r * length + j, r));
      return [name, wide === undefined ? row(0, size) : range(size).map((r) => row(r, wide))];
    }));
  }

  function load({ settings: s, characters, weights }) {
    const K = s.bits, V = characters.length + 2, START = V, H = s.hidden_size, E = s.embedding_size;
    const damaged = (why) => { throw new Error(`The weights are damaged (${why}): make the page again`); };
    let tensors;
    try { tensors = weightsOf(weights); } catch (error) { damaged(error.message); }
    const get = (name) => tensors[name] ?? damaged(`${name} is missing`);
    const linear = (name, of = "") => ({ W: get(`${name}.weight${of}`), b: tensors[`${name}.bias${of}`] });
    const rnn = (name, l = 0) => ({ input: linear(name, `_ih_l${l}`), recurrent: linear(name, `_hh_l${l}`) });
    // What a symbol adds to the gates of a first layer, W e(symbol) + b: computed once for each
    const symbolInputs = (layer, table, known = []) => (v) => (known[v] ??= dense(layer, [table[v]])[0]);
    // Bits of a kind: independent, or with a network over the bits before, begun by a summary of the word
    function bitsOf(kind, base, name, summary) {
      if (kind === "made") { // Germain et al. (2015): V tanh(W (2z − 1) + b + C summary), masked by zeros
        const { W, b } = linear(`${name}.inputs`), V = get(`${name}.outputs.weight`), begin = zeros(W.length);
        add(begin, summary ? dense({ W: get(`${name}.context.weight`), b }, [summary])[0] : b);
        return bitByBit(base, (sums = begin.slice()) => ({
          logit: (k) => V[k].reduce((total, v, j) => (v ? total + v * Math.tanh(sums[j]) : total), 0),
          read: (bit, k) => W.forEach((row, j) => { sums[j] += row[k] * (2 * bit - 1); }),
        }));
      }
      if (kind === "gru") { // h_1 = tanh(dense(summary)), h_{k+1} = gru(h_k, 2 z_k − 1), V_k h_k
        const { input, recurrent } = rnn(`${name}.gru`), V = get(`${name}.outputs`);
        const begin = dense(linear(`${name}.start`), [summary])[0].map(Math.tanh);
        return bitByBit(base, (h = begin.slice()) => ({
          logit: (k) => V[k].reduce((total, v, j) => total + v * h[j], 0),
          read: (bit) => step(recurrent, dense(input, [[2 * bit - 1]]), [h]),
        }));
      }
      return kind === "boltzmann" ? boltzmann(base, get("couplings")) : bitByBit(base);
    }
    const prior = K ? bitsOf(s.prior, get("prior_logits"), "prior_made") : bitByBit([]);
    // Q(z|x): logits dense(tanh(dense([f_n, b_1]))), where networks f and b read the characters forwards and
    // backwards, from zero states; the empty word is read as its end
    const embedding = get("decoder.embedding.weight"), own = tensors["encoder.embedding.weight"] ?? embedding;
    const lstm = s.cell === "lstm", names = ["forwards", ...(s.encoder_bidirectional ? ["backwards"] : [])];
    const sides = !K ? [] : names.map((name) => rnn(`encoder.${name}`))
      .map(({ input, recurrent }) => ({ recurrent, inputs: symbolInputs(input, own) }));
    function posterior(x) {
      if (!K) return bitByBit([]);
      const forwards = x.length > 1 ? x.slice(0, -1) : x, orders = [forwards, forwards.slice().reverse()];
      const ends = sides.flatMap(({ recurrent, inputs }, side) => {
        const h = zeros(recurrent.W[0].length), c = lstm && [zeros(h.length)];
        for (const v of orders[side]) step(recurrent, [inputs(v)], [h], c);
        return Array.from(h);
      });
      const summary = dense(linear("encoder.combine"), [ends])[0].map(Math.tanh);
      return bitsOf(s.posterior, dense(linear("encoder.logits"), [summary])[0], "conditioner", summary);
    }

    // P(x|z): h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [e(x_{i−1}), z]), and logits_i =
    // dense(h_i) + dense(z). A state is h and c of all layers, and what z adds to gates and logits.
    const layers = range(s.layers).map((l) => rnn("decoder.rnn", l)), output = linear("decoder.logits");
    const { W, b } = layers[0].input, columns = (from, to) => W.map((row) => row.subarray(from, to));
    const ofSymbol = symbolInputs({ W: columns(0, E), b }, embedding), size = s.layers * H;
    const entry = (name) => tensors[`decoder.${name}.weight`] && linear(`decoder.${name}`); // where z enters
    const [zToH, zToC, zToLogits] = ["z_to_h", "z_to_c", "z_to_logits"].map(entry);
    const zToGates = K && s.z_at_every_step && { W: columns(E, E + K) };
    const cut = (all) => layers.map((_, l) => all.slice(l * H, (l + 1) * H));
    const start = (zs) => zs.map((z) => {
      const from = (layer, length) => (layer ? dense(layer, [Float64Array.from(z)])[0] : zeros(length));
      const h = cut(from(zToH, size).map(Math.tanh)), c = cut(from(zToC, size));
      return { h, c, gates: from(zToGates, W.length), bias: add(from(zToLogits, V), output.b) };
    });
    function read(states, symbols) { // a symbol for each; returns the logits of the next one, [N][V]
      let inputs = states.map(({ gates }, n) => add(gates.slice(), ofSymbol(symbols[n])));
      layers.forEach(({ input, recurrent }, l) => {
        if (l) inputs = dense(input, states.map(({ h }) => h[l - 1]));
        step(recurrent, inputs, states.map(({ h }) => h[l]), lstm && states.map(({ c }) => c[l]));
      });
      return product(output.W, states.map(({ h }) => h.at(-1))).map((row, n) => add(row, states[n].bias));
    }
    function logits(x, zs) {
      const states = start(zs), steps = [START, ...x.slice(0, -1)].map((v) => read(states, zs.map(() => v)));
      return zs.map((_, n) => steps.map((rows) => rows[n]));
    }
    const symbolLogProb = (x, zs) => logits(x, zs).map((a) => a.map((row, i) => row[x[i]] - logSumExp(row)));
    // Each symbol of a word is the largest of logits / temperature + noise, one noise for all codes: none
    // if greedy, Gumbel noise in sampling, −∞ for what may not be: the unknown symbol, and the empty word.
    function spell(zs, longest, temperature, noiseAt) {
      const words = zs.map(() => ({ symbols: [], ended: false }));
      let going = words, states = start(zs);
      for (let i = 0; i <= longest && going.length; i++) {
        const noise = noiseAt(i), rows = read(states, going.map(({ symbols }) => symbols.at(-1) ?? START));
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
    const noiseRow = (i, draw) => zeros(V).map((_, v) => (allowed(v, i) ? draw() : -Infinity));
    const fresh = (random) => (i) => noiseRow(i, () => gumbel(random));
    const greedy = (zs, longest = s.max_length) => spell(zs, longest, 1, (i) => noiseRow(i, () => 0));
    const sample = (zs, random, temperature = 1) => spell(zs, s.max_length, temperature, fresh(random));
    // Noise under which z spells just x (Oberst and Sontag 2019; Maddison et al. 2014). The largest of logits
    // + noise is Gumbel about log Σ exp(logits), whichever it is: here x_i. The others are Gumbel, below it.
    const noiseOf = (x, z, random) => logits(x, [z])[0].map((row, i) => {
      const top = logSumExp(row.filter((_, v) => allowed(v, i) || v === x[i])) + gumbel(random);
      const below = (logit) => -logSumExp([-top, -logit - gumbel(random)]) - logit;
      return row.map((logit, v) => (v === x[i] ? top - logit : allowed(v, i) ? below(logit) : -Infinity));
    });
    const withNoise = (zs, noise, random, after = fresh(random)) =>
      spell(zs, Math.max(s.max_length, noise.length - 1), 1, (i) => noise[i] ?? after(i));
    // p(x_≤i) ≈ 1/S Σ_s w_s p(x_≤i|z_s), w_s = p(z_s) / (½ Q(z_s|x) + ½ p(z_s)), half of the z_s from Q, half
    // from the prior: the balance heuristic (Veach and Guibas 1995). p(x_i|x_<i) = p(x_≤i) / p(x_<i).
    function score(x, random, S = 100) {
      const q = posterior(x), half = Math.max(2, Math.round(S / 2)), key = (z) => z.join("");
      const zs = [q, prior].flatMap((p) => range(half).map(() => p.sample(random)));
      const codes = [...new Set([q.mode(), ...zs].map(key))]; // each is read once
      const table = symbolLogProb(x, codes.map((code) => Array.from(code, Number)));
      const rows = zs.map((z) => table[codes.indexOf(key(z))]), p = zs.map(prior.logProb);
      const log = zs.map((z, n) => p[n] - logSumExp([p[n], q.logProb(z)]) + Math.LN2); // of w_s p(x_≤i|z_s)
      const prefix = x.map((_, i) => logSumExp(add(log, rows.map((row) => row[i]))) - Math.log(2 * half));
      const marginal = prefix.map((value, i) => value - (i ? prefix[i - 1] : 0)), logProb = prefix.at(-1);
      const parts = log.map((value) => Math.exp(value - logProb));
      const variance = (values) => sum(values.map((value) => (value - mean(values)) ** 2)) / (half - 1);
      const spread = variance(parts.slice(0, half)) + variance(parts.slice(half));
      // KL(Q ‖ P) bit after bit, given the bits before: a logit v = log π/(1−π) and log(1−π) = log σ(−v)
      const kl = (a, b) => sum(a.map((v, k) => sigmoid(v) * (v - b[k]) + logSigmoid(-v) - logSigmoid(-b[k])));
      const rate = mean(zs.slice(0, half).map((z) => kl(q.logits(z), prior.logits(z))));
      return { logProb, standardError: Math.sqrt(spread / half) / 2, rate, given: table[0], marginal };
    }
    // From mean to mean, or from mode to mode bit by bit: as many as in Python, in float32, halves to even.
    function path(one, other, steps, through) {
      const [a, b] = [one, other].map(posterior).map((q) => (through === "means" ? q.mean() : q.mode()));
      const differing = range(K).filter((k) => a[k] !== b[k]), f = Math.fround, width = f(1 / (steps - 1));
      const zs = range(steps).map((i) => {
        const w = steps < 2 ? 0 : 2 * i < steps - 1 ? f(i * width) : f(1 - f((steps - 1 - i) * width));
        if (through === "means") return a.map((value, k) => (1 - w) * value + w * b[k]);
        const many = w * differing.length, done = differing.slice(0, Math.round(many) - (many % 2 === 0.5));
        return a.map((value, k) => (done.includes(k) ? b[k] : value));
      });
      return greedy(zs).map((word, i) => ({ z: zs[i], ...word }));
    }
    // Characters are code points of the normal form NFC.
    const numbers = new Map(characters.map((character, i) => [character, i + 2]));
    const encode = (text) => [...Array.from(text.normalize("NFC"), (c) => numbers.get(c) ?? UNKNOWN), END];
    const unknown = (text) => [...new Set(text.normalize("NFC"))].filter((c) => !numbers.has(c)).join("");
    const spelled = (symbols) => symbols.map((v) => characters[v - 2] ?? UNKNOWN_SIGN).join("");
    const decode = (x) => spelled(x.slice(0, [...x, END].indexOf(END))).normalize("NFC");
    return { bits: K, hasBits: !!K, characters, symbols: V, maxLength: s.max_length, encode, decode, unknown,
      posterior, prior, logits, symbolLogProb, greedy, sample, noiseOf, withNoise, score, path };
  }
  return { load, random };
})();
