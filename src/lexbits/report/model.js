"use strict";
/* The model of a page. A word x is its symbols x_1 … x_T: 0 ends it, 1 is an unknown character. z is K bits, or
   their means; N of them go through the decoder together. Units are nats; `random` is of lexbits.random(seed).

   model = lexbits.load(description)            throws an Error with a sentence if the weights are damaged
   model.bits, hasBits, characters, symbols (V), maxLength
   model.encode(text) → symbols;  decode(symbols) → text;  unknown(text) → the characters it lacks
   model.posterior(symbols), model.prior        {sample(random), logProb(z)}; Q also {logits(z), mode(), mean()}
   model.logits(symbols, zs) → [N][T][V];       symbolLogProb(symbols, zs) → [N][T] log p(x_i|x_<i, z)
   model.greedy(zs, longest) → N words {symbols, ended}; one that has not ended is cut after `longest`
   model.sample(zs, random, temperature) → N words; all codes share the noise
   model.noiseOf(symbols, z, random) → [T][V];  withNoise(zs, noise, random) → N words
   model.flips(symbols, z, random) → K words;   path(symbols, symbols, steps, "means"|"bits") → [{z, symbols}]
   model.score(symbols, random, S) → {logProb, standardError, rate, given: [T], marginal: [T]} */
const lexbits = (() => {
  const END = 0, UNKNOWN = 1, UNKNOWN_SIGN = "\ufffd", MEAN_SAMPLES = 64;
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const logSigmoid = (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  const logAddExp = (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  const logSumExp = (values) => {
    const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return most + Math.log(values.reduce((total, value) => total + Math.exp(value - most), 0));
  };

  function randomNumbers(seed) { // mulberry32 (Ettinger 2017): in [0, 1), in steps of 2^-32
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }
  const inside = (random) => random() + 2 ** -33; // in (0, 1)
  const gumbel = (random) => -Math.log(-Math.log(inside(random)));

  // out_n += W x_n for N columns x_n. The rows of W are the outer loop: each is read once for all n, of which
  // four share its loads. A sum has one order whatever N is, so no code depends on those beside it.
  function addProduct(out, { rows, columns, data }, x, count) {
    for (let r = 0; r < rows; r++) {
      const row = r * columns;
      let n = 0;
      for (; n + 3 < count; n += 4) {
        const at = n * rows + r, x0 = n * columns, x1 = x0 + columns, x2 = x1 + columns, x3 = x2 + columns;
        let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (let j = 0; j < columns; j++) {
          const w = data[row + j];
          s0 += w * x[x0 + j];
          s1 += w * x[x1 + j];
          s2 += w * x[x2 + j];
          s3 += w * x[x3 + j];
        }
        out[at] += s0;
        out[at + rows] += s1;
        out[at + 2 * rows] += s2;
        out[at + 3 * rows] += s3;
      }
      for (; n < count; n++) {
        let s = 0;
        for (let j = 0; j < columns; j++) s += data[row + j] * x[n * columns + j];
        out[n * rows + r] += s;
      }
    }
    return out;
  }
  const zeros = (n) => new Float64Array(n);
  function dense({ W, b }, x, count = 1) { // W x_n + b
    const out = zeros(W.rows * count);
    if (b) for (let n = 0; n < count; n++) out.set(b, n * W.rows);
    return addProduct(out, W, x, count);
  }
  const rowOf = ({ columns, data }, row) => data.subarray(row * columns, (row + 1) * columns);
  const columnsOf = (W, from, to) => {
    const data = new Float32Array(W.rows * (to - from));
    for (let r = 0; r < W.rows; r++) data.set(rowOf(W, r).subarray(from, to), r * (to - from));
    return { rows: W.rows, columns: to - from, data };
  };

  // A step of N states, given W x + b [N, gates]. An LSTM (Hochreiter and Schmidhuber 1997) with gates i, f, g, o:
  //   c' = σ(f) c + σ(i) tanh(g),  h' = σ(o) tanh(c');
  // a GRU (Cho et al. 2014) with gates r, u, n, where r multiplies what the state adds to n:
  //   h' = (1 − σ(u)) tanh(n) + σ(u) h,  n = (W x + b)_n + σ(r) (U h + b')_n.
  function step(recurrent, input, { h, c }, count) {
    const own = dense(recurrent, h, count), gates = recurrent.W.rows, H = recurrent.W.columns;
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < H; j++) {
        const i = n * H + j, a = n * gates + j, b = a + H, d = b + H, e = d + H;
        const first = sigmoid(input[a] + own[a]), second = sigmoid(input[b] + own[b]);
        if (c) {
          c[i] = second * c[i] + first * Math.tanh(input[d] + own[d]);
          h[i] = sigmoid(input[e] + own[e]) * Math.tanh(c[i]);
        } else h[i] = (1 - second) * Math.tanh(input[d] + first * own[d]) + second * h[i];
      }
    }
  }

  // Bits one after another: bit k has the logit base_k + chain.logit(k), which depends on the bits before it that
  // the chain has read; without a chain the bits are independent.
  function bitByBit(base, chainOf) {
    const walk = (choose) => {
      const chain = chainOf?.(), logits = [], z = [];
      base.forEach((logit, k) => {
        logits.push(logit + (chain ? chain.logit(k) : 0));
        z.push(choose(logits[k], k));
        chain?.read(z[k], k);
      });
      return { logits, z };
    };
    const logits = (z) => walk((_, k) => z[k]).logits;
    const sample = (random) => walk((logit) => Number(inside(random) < sigmoid(logit))).z;
    return {
      independent: !chainOf, logits, sample,
      mode: () => walk((logit) => Number(logit > 0)).z,
      mean() { // of σ(logit_k(z_<k)) over samples, always the same ones; exact where bits are independent
        const random = randomNumbers(0), samples = range(chainOf ? MEAN_SAMPLES : 1).map(() => logits(sample(random)));
        return Array.from(base, (_, k) => sum(samples.map((logit) => sigmoid(logit[k]))) / samples.length);
      },
      logProb: (z) => sum(logits(z).map((logit, k) => z[k] * logSigmoid(logit) + (1 - z[k]) * logSigmoid(-logit))),
    };
  }
  // MADE (Germain et al. 2015): logits V tanh(W (2z − 1) + b + C context); its masks are in W and V already.
  const madeChain = (W, begin, V) => () => {
    const hidden = begin.slice();
    return {
      logit: (k) => sum(rowOf(V, k).map((v, j) => (v ? v * Math.tanh(hidden[j]) : 0))),
      read: (bit, k) => hidden.forEach((_, j) => { hidden[j] += W.data[j * W.columns + k] * (2 * bit - 1); }),
    };
  };
  // A GRU over bits: h_1 = tanh(dense(context)), h_{k+1} = gru(h_k, 2 z_k − 1), logit_k = V_k h_k
  const gruChain = (input, recurrent, begin, V) => () => {
    const state = { h: begin.slice() };
    return {
      logit: (k) => sum(rowOf(V, k).map((v, j) => v * state.h[j])),
      read: (bit) => step(recurrent, dense(input, [2 * bit - 1]), state, 1),
    };
  };
  // p(z) ∝ exp(b·z + Σ_{j<k} W_jk z_j z_k), normalised by the sum over all codes, the first bit counting most.
  function boltzmann(b, W) {
    const K = b.length, gain = (z, k) => b[k] + sum(range(k).map((j) => z(j) * W.data[j * K + k]));
    let energies = [0], table;
    const all = () => (table ??= (() => {
      for (const k of range(K)) energies = energies.flatMap((e, n) => [e, e + gain((j) => (n >> (k - 1 - j)) & 1, k)]);
      let reached = 0;
      const logZ = logSumExp(energies);
      return { logZ, reached: energies.map((energy) => (reached += Math.exp(energy - logZ))) };
    })());
    return {
      logProb: (z) => sum(range(K).map((k) => z[k] * gain((j) => z[j], k))) - all().logZ,
      sample(random) {
        const point = random() * all().reached.at(-1), number = all().reached.findIndex((reached) => reached > point);
        return range(K).map((k) => (number >> (K - 1 - k)) & 1);
      },
    };
  }

  // The weights by name: matrices {rows, columns, data}, and vectors; float16, or int8 times a scale of its row.
  function weightsOf({ tensors, data }) {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0)), view = new DataView(bytes.buffer);
    const half = (at) => {
      const word = view.getUint16(at, true), exponent = (word >> 10) & 31, fraction = word & 1023;
      const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
      return word >> 15 ? -size : size;
    };
    const found = {};
    for (const [name, { shape: [rows, columns = 1], at, scales }] of Object.entries(tensors)) {
      const values = new Float32Array(rows * columns);
      for (let i = 0; i < values.length; i++)
        values[i] = scales === undefined ? half(at + 2 * i)
          : view.getInt8(at + i) * view.getFloat32(scales + 4 * Math.floor(i / columns), true);
      found[name] = tensors[name].shape.length > 1 ? { rows, columns, data: values } : values;
    }
    return found;
  }

  function load(description) {
    const { settings: s, characters } = description, K = s.bits, V = characters.length + 2, START = V;
    let weights;
    try {
      weights = weightsOf(description.weights);
    } catch (error) {
      throw new Error(`The weights of this page are damaged: make the page again (${error.message})`);
    }
    const get = (name) => {
      if (!weights[name]) throw new Error(`The weights of this page are damaged: ${name} is missing; make it again`);
      return weights[name];
    };
    const linear = (name) => ({ W: get(`${name}.weight`), b: weights[`${name}.bias`] });
    const rnn = (name, l = 0) => ({
      input: { W: get(`${name}.weight_ih_l${l}`), b: get(`${name}.bias_ih_l${l}`) },
      recurrent: { W: get(`${name}.weight_hh_l${l}`), b: get(`${name}.bias_hh_l${l}`) },
    });
    const blank = (H, count) => ({ h: zeros(H * count), c: s.cell === "lstm" ? zeros(H * count) : null });
    // What a symbol adds to the gates, W e(symbol) + b: computed once for each.
    const symbolInputs = ({ W, b }, embedding, cache = []) => (symbol) =>
      (cache[symbol] ??= dense({ W, b }, rowOf(embedding, symbol)));

    // Q(z|x): logits dense(tanh(dense([f_n, b_1]))), read by networks f forwards and b backwards from zero states
    const ends = !K ? [] : (s.encoder_bidirectional ? ["forwards", "backwards"] : ["forwards"]).map((name) => {
      const { input, recurrent } = rnn(`encoder.${name}`);
      const table = get(s.encoder_embedding === "own" ? "encoder.embedding.weight" : "decoder.embedding.weight");
      return { recurrent, inputs: symbolInputs(input, table), backwards: name === "backwards" };
    });
    function posterior(symbols) {
      if (!K) return bitByBit([]);
      const read = symbols.length > 1 ? symbols.slice(0, -1) : symbols; // characters, or the end of the empty word
      const last = ends.flatMap(({ recurrent, inputs, backwards }) => {
        const state = blank(recurrent.W.columns, 1);
        for (const symbol of backwards ? [...read].reverse() : read) step(recurrent, inputs(symbol), state, 1);
        return [...state.h];
      });
      const context = dense(linear("encoder.combine"), last).map(Math.tanh), base = dense(linear("encoder.logits"), context);
      if (s.posterior === "factorised") return bitByBit(base);
      const V = get(s.posterior === "made" ? "conditioner.outputs.weight" : "conditioner.outputs");
      if (s.posterior === "made") {
        const { W, b } = linear("conditioner.inputs"), begin = dense({ W: get("conditioner.context.weight"), b }, context);
        return bitByBit(base, madeChain(W, begin, V));
      }
      const { input, recurrent } = rnn("conditioner.gru"), begin = dense(linear("conditioner.start"), context);
      return bitByBit(base, gruChain(input, recurrent, begin.map(Math.tanh), V));
    }
    function priorOf() {
      if (!K) return bitByBit([]);
      const base = get("prior_logits");
      if (s.prior === "boltzmann") return boltzmann(base, get("couplings"));
      if (s.prior !== "made") return bitByBit(base);
      const { W, b } = linear("prior_made.inputs");
      return bitByBit(base, madeChain(W, Float64Array.from(b), get("prior_made.outputs.weight")));
    }
    const prior = priorOf();

    // P(x|z): h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [e(x_{i−1}), z]), logits_i = dense(h_i) + dense(z)
    const H = s.hidden_size, E = s.embedding_size, layers = range(s.layers).map((l) => rnn("decoder.rnn", l));
    const first = layers[0].input, table = get("decoder.embedding.weight"), output = linear("decoder.logits");
    const ofSymbol = symbolInputs({ W: columnsOf(first.W, 0, E), b: first.b }, table);
    const ofCode = K && s.z_at_every_step ? columnsOf(first.W, E, E + K) : null, G = first.W.rows;
    function start(zs) {
      const N = zs.length, z = Float64Array.from(zs.flatMap((each) => [...each]));
      const states = layers.map(() => blank(H, N));
      const begin = (name, part) => {
        const all = dense(linear(name), z, N); // [N, layers, H]
        states.forEach((state, l) => state[part].forEach((_, i) => {
          const value = all[(Math.floor(i / H) * layers.length + l) * H + (i % H)];
          state[part][i] = part === "h" ? Math.tanh(value) : value;
        }));
      };
      if (K && s.z_at_start) begin("decoder.z_to_h", "h");
      if (K && s.z_at_start && s.cell === "lstm") begin("decoder.z_to_c", "c");
      const bias = zeros(N * V), gates = zeros(N * G);
      for (let n = 0; n < N; n++) bias.set(output.b, n * V);
      if (K && s.z_at_logits) addProduct(bias, get("decoder.z_to_logits.weight"), z, N);
      if (ofCode) addProduct(gates, ofCode, z, N);
      return { N, states, bias, gates };
    }
    function read({ N, states, bias, gates }, symbols) { // → logits of the next symbol, [N, V]
      let input = gates.slice();
      symbols.forEach((symbol, n) => ofSymbol(symbol).forEach((value, g) => { input[n * G + g] += value; }));
      layers.forEach((layer, l) => {
        if (l) input = dense(layer.input, states[l - 1].h, N);
        step(layer.recurrent, input, states[l], N);
      });
      return addProduct(bias.slice(), output.W, states.at(-1).h, N);
    }
    function keep({ states, bias, gates }, rows) {
      const take = (values, size) => {
        const kept = values && zeros(rows.length * size);
        if (values) rows.forEach((row, n) => kept.set(values.subarray(row * size, (row + 1) * size), n * size));
        return kept;
      };
      states = states.map(({ h, c }) => ({ h: take(h, H), c: take(c, H) }));
      return { N: rows.length, states, bias: take(bias, V), gates: take(gates, G) };
    }
    function logits(symbols, zs) {
      const state = start(zs), found = zs.map(() => []);
      symbols.forEach((_, i) => {
        const step = read(state, zs.map(() => (i ? symbols[i - 1] : START)));
        found.forEach((rows, n) => rows.push(step.slice(n * V, (n + 1) * V)));
      });
      return found;
    }
    const symbolLogProb = (symbols, zs) =>
      logits(symbols, zs).map((rows) => rows.map((row, i) => row[symbols[i]] - logSumExp(row)));

    // Words from codes: at each step the largest of logits / temperature + noise, the same noise for all codes.
    // That is greedy decoding without noise, and sampling with Gumbel noise (Gumbel 1954). Noise of −∞ forbids
    // a symbol: the unknown one is never taken, nor the end before the first character.
    function spell(zs, longest, temperature, noiseAt) {
      const words = zs.map(() => ({ symbols: [], ended: false }));
      let rows = range(zs.length), state = start(zs), last = rows.map(() => START);
      for (let i = 0; i <= longest && rows.length; i++) {
        const noise = noiseAt(i), scores = read(state, last);
        last = rows.map((row, n) => {
          let best = -1, most = -Infinity;
          for (let v = 0; v < V; v++) {
            const score = scores[n * V + v] / temperature + noise[v];
            if (score > most) [best, most] = [v, score];
          }
          words[row].symbols.push(best);
          words[row].ended = best === END;
          return best;
        });
        const going = range(rows.length).filter((n) => last[n] !== END);
        [rows, last, state] = [going.map((n) => rows[n]), going.map((n) => last[n]), keep(state, going)];
      }
      for (const word of words) if (!word.ended) word.symbols.length = longest;
      return words;
    }
    const allowed = (symbol, i) => symbol !== UNKNOWN && (symbol !== END || i > 0);
    const fresh = (random, i) => Float64Array.from({ length: V }, (_, v) => {
      const noise = gumbel(random); // also drawn for what is forbidden, so that the same follow
      return allowed(v, i) ? noise : -Infinity;
    });
    const silent = (i) => Float64Array.from({ length: V }, (_, v) => (allowed(v, i) ? 0 : -Infinity));
    const greedy = (zs, longest = s.max_length) => spell(zs, longest, 1, silent);
    const sample = (zs, random, temperature = 1) => spell(zs, s.max_length, temperature, (i) => fresh(random, i));

    // The noise under which z spells just this word (Oberst and Sontag 2019, with the top-down sampling of Maddison
    // et al. 2014): the largest logit + noise is a Gumbel variable with location log Σ exp(logits), whichever symbol
    // has it; the word says which, and the others are Gumbel variables truncated at it.
    function noiseOf(symbols, z, random) {
      return logits(symbols, [z])[0].map((row, i) => {
        const may = range(V).filter((v) => allowed(v, i) || v === symbols[i]);
        const top = logSumExp(may.map((v) => row[v])) + gumbel(random), noise = zeros(V).fill(-Infinity);
        for (const v of may)
          noise[v] = (v === symbols[i] ? top : -logAddExp(-top, -row[v] - gumbel(random))) - row[v];
        return noise;
      });
    }
    const withNoise = (zs, noise, random) =>
      spell(zs, Math.max(s.max_length, noise.length - 1), 1, (i) => noise[i] ?? fresh(random, i));
    const flips = (symbols, z, random) => {
      const flipped = range(K).map((k) => Array.from(z, (bit, j) => (j === k ? 1 - bit : bit)));
      return withNoise(flipped, noiseOf(symbols, z, random), random);
    };

    // p(x_≤i) ≈ 1/S Σ_s w_s p(x_≤i|z_s), w = p(z) / (½ Q(z|x) + ½ p(z)), half of the z from Q and half from the
    // prior: the balance heuristic (Veach and Guibas 1995); p(x_i|x_<i) = p(x_≤i) / p(x_<i).
    function score(symbols, random, S = 100) {
      const q = posterior(symbols), half = K ? Math.max(2, Math.round(S / 2)) : 0;
      const drawn = [...range(half).map(() => q.sample(random)), ...range(half).map(() => prior.sample(random))];
      const zs = [q.mode(), ...drawn], places = new Map(zs.map((z) => [z.join(""), z])), codes = [...places.values()];
      const table = symbolLogProb(symbols, codes), given = table[0];
      if (!K) return { logProb: sum(given), standardError: 0, rate: 0, given, marginal: given };
      [...places.keys()].forEach((code, n) => places.set(code, n));
      const logQ = drawn.map((z) => q.logProb(z)), logP = drawn.map((z) => prior.logProb(z));
      const joint = logP.map((p, n) => p - logAddExp(p, logQ[n]) + Math.LN2); // log w, then + log p(x_≤i|z)
      const prefix = symbols.map((_, i) => {
        drawn.forEach((z, n) => { joint[n] += table[places.get(z.join(""))][i]; });
        return logSumExp(joint) - Math.log(2 * half);
      });
      const logProb = prefix.at(-1), shares = joint.map((each) => Math.exp(each - logProb));
      const variance = (values) => {
        const mean = sum(values) / half;
        return sum(values.map((value) => (value - mean) ** 2)) / (half - 1);
      };
      const standardError = Math.sqrt((variance(shares.slice(0, half)) + variance(shares.slice(half))) / half) / 2;
      const alone = q.independent && prior.independent, a = alone && q.logits([]), b = alone && prior.logits([]);
      const rate = !alone ? sum(range(half).map((n) => logQ[n] - logP[n])) / half : sum(a.map((logit, k) =>
        sigmoid(logit) * (logSigmoid(logit) - logSigmoid(b[k])) + sigmoid(-logit) * (logSigmoid(-logit) - logSigmoid(-b[k]))));
      return { logProb, standardError, rate, given, marginal: prefix.map((each, i) => each - (i ? prefix[i - 1] : 0)) };
    }
    // As bits/paths: the line between the means, or the differing bits of the modes flipped in order; greedy words.
    function path(one, other, steps, through) {
      const ends = [one, other].map(posterior), [a, b] = ends.map((q) => (through === "means" ? q.mean() : q.mode()));
      const differing = range(K).filter((k) => a[k] !== b[k]), f = Math.fround, width = f(1 / (steps - 1));
      const zs = range(steps).map((i) => {
        const w = steps === 1 ? 0 : 2 * i < steps ? f(i * width) : f(1 - f((steps - 1 - i) * width)); // float32
        if (through === "means") return a.map((mean, k) => (1 - w) * mean + w * b[k]);
        const part = w * differing.length, even = 2 * Math.round(part / 2); // a half is rounded to the even number
        const flipped = differing.slice(0, part % 1 === 0.5 ? even : Math.round(part));
        return a.map((bit, k) => (flipped.includes(k) ? b[k] : bit));
      });
      return greedy(zs).map((word, i) => ({ z: zs[i], ...word }));
    }

    // Text: characters are code points of the normal form NFC.
    const numbers = new Map(characters.map((character, i) => [character, i + 2]));
    const encode = (text) => [...Array.from(text.normalize("NFC"), (c) => numbers.get(c) ?? UNKNOWN), END];
    const unknown = (text) => [...new Set(text.normalize("NFC"))].filter((c) => !numbers.has(c)).join("");
    function decode(symbols) {
      const end = symbols.findIndex((symbol) => symbol === END), word = end < 0 ? symbols : symbols.slice(0, end);
      return word.map((symbol) => characters[symbol - 2] ?? UNKNOWN_SIGN).join("").normalize("NFC");
    }
    return {
      bits: K, hasBits: K > 0, characters, symbols: V, maxLength: s.max_length, encode, decode, unknown, posterior,
      prior, logits, symbolLogProb, greedy, sample, noiseOf, withNoise, flips, score, path,
    };
  }
  return { load, random: randomNumbers };
})();
