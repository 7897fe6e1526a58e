/* The page for searching. It loads those parts of the index that a question needs, as scripts, so that it works from a
   disk as well as from a host; docs/search-format.md describes them. Words are parted as converters/text/analysis.py
   parts them; tests hold both to one table of examples. Without a page (in Node) it only offers `words`. */
"use strict";
(() => {
  const BASE = 0x3400, MORE = 0x4000, FAR = 0x3fff;
  const PAGE = 20, SATURATION = 4, FACETS = 4096, TAGS = 1024, TAGS_AT_ONCE = 2, BLOCKS_AT_ONCE = 4, LEAVES_AT_ONCE = 8, LONGEST = 30;
  const SHORT = 8, BAR = 26; // pixels that are hit by any finger
  const STOP = new Set(("a an and are as at be but by for from has have he her his in is it its of on or she that the their they this to was were which will with " +
    "der die das und in zu den von ist le la les de des du et en un une el los las y que il di e che o do da").split(" "));

  // Parts of the index

  const loaded = new Map(), pages = new Map(), leaves = new Map(), packs = new Map(), unpacked = new Map();
  let index, folding;
  const script = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = `search/${name}.js`;
        element.onload = resolve;
        element.onerror = () => reject(new Error(`search/${name}.js is missing`));
        document.head.append(element);
      }));
    }
    return loaded.get(name);
  };
  globalThis.seedbankIndex = (made) => { index = made; };
  globalThis.seedbankForms = (name, entries) => pages.set(name, opened(entries));
  globalThis.seedbankWords = (name, counts, packed) => leaves.set(`w/${name}`, parted(counts, packed, (value) => value < MORE));
  globalThis.seedbankPlaces = (name, counts, packed) => leaves.set(`p/${name}`, parted(counts, packed, (value) => value >= MORE));
  globalThis.seedbankText = (number, length, packed) => packs.set(textOf(number), { length, packed });
  globalThis.seedbankFacets = (block, length, packed) => packs.set(`f/${block}`, { length, packed });
  globalThis.seedbankFrequent = (block, length, packed) => packs.set(`g/${block}`, { length, packed });
  globalThis.seedbankDays = (block, length, packed) => packs.set(`s/${block}`, { length, packed });
  globalThis.seedbankTags = (block, length, packed) => packs.set(`t/${block}`, { length, packed });
  globalThis.seedbankFolding = (from, to, letters, spaceless) => {
    folding ??= { map: new Map() };
    const targets = to.split(" ");
    [...from].forEach((character, at) => folding.map.set(character, targets[at]));
    if (letters) Object.assign(folding, expressions(letters, spaceless));
  };

  function opened(entries) { // the lists of a page, each with the leaves that hold it
    const lists = [];
    let form = "", words, places;
    for (const entry of entries ? entries.split("|") : []) {
      const [shared, rest, language, withStem, ending, piece, told] = entry.split(" ");
      form = form.slice(0, shared) + rest;
      const name = nameOf(form, language, piece);
      if (told.includes("w")) words = { name: `w/${name}`, lists: 0 };
      if (told.includes("p")) places = { name: `p/${name}`, lists: 0 };
      const stem = withStem === "" ? form : form.slice(0, withStem) + ending;
      lists.push({ form, language, stem, magnitude: parseInt(told), leaf: words.name, nth: words.lists++, places: places.name, placesNth: places.lists++ });
    }
    return lists;
  }

  function nameOf(form, language, piece) {
    const hex = () => [...new TextEncoder().encode(form)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${/^[a-z0-9]+$/.test(form) ? form : `x-${hex()}`}-${language}${piece}`;
  }

  function parted(counts, packed, ends) { // a leaf: of each list how many documents it has, and where it begins
    const parts = [];
    let at = 0, count = 0;
    for (const character of counts) {
      const value = character.charCodeAt(0) - BASE;
      if (value >= MORE) {
        count = (value & FAR) * MORE;
        continue;
      }
      count += value;
      parts.push({ count, at, packed });
      for (; count; at++) if (ends(packed.charCodeAt(at) - BASE)) count--;
    }
    return parts;
  }

  async function have(lists) {
    await Promise.all([...new Set(lists.map(({ leaf }) => leaf))].map(script));
    return lists;
  }

  function postings(list) { // after the list was loaded
    if (list.numbers) return list;
    list.numbers = [];
    list.weights = [];
    let { count, at, packed } = leaves.get(list.leaf)[list.nth], number = -1;
    for (; count; count--) {
      let high = 0, value;
      while ((value = packed.charCodeAt(at++) - BASE) >= MORE) high = high * 0x4000 + (value & FAR);
      number += high * 512 + (value >> 5) + 1;
      list.numbers.push(number);
      list.weights.push(value & 31);
    }
    return list;
  }

  async function placesOf(list) { // number -> places
    if (list.where) return list.where;
    await script(list.places);
    let { at, packed } = leaves.get(list.places)[list.placesNth];
    const where = new Map();
    for (const number of postings(list).numbers) {
      const of = [];
      for (let place = 0, value = 0; value < MORE;) {
        value = packed.charCodeAt(at++) - BASE;
        place += value & FAR;
        if (value !== FAR) of.push(place);
      }
      where.set(number, of);
    }
    return (list.where = where);
  }

  function inflated(name) { // what a file tells that is packed
    if (!unpacked.has(name)) unpacked.set(name, script(name).then(() => inflate(packs.get(name))));
    return unpacked.get(name);
  }

  function inflate({ length, packed }) {
    const bytes = new Uint8Array(length);
    let bits = 0, kept = 0, at = 0;
    for (let i = 0; i < packed.length; i++) { // 15 bits a character; those past the end are zeros, and fall off
      bits = ((bits & 127) << 15) | (packed.charCodeAt(i) - BASE);
      bytes[at++] = bits >> (kept + 7);
      kept += 7;
      if (kept >= 8) bytes[at++] = bits >> (kept -= 8);
    }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  }

  function compare(a, b) { // by code points, as the index is sorted
    const x = [...a], y = [...b];
    for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
    return x.length - y.length;
  }

  function pageOf(form) { // the last that begins before all lists of a word
    let low = 0, high = index.pages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(index.pages[middle], `${form} `) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  async function between(first, last, most = Infinity) { // lists of words from first on, before last
    if (!index.pages.length) return [];
    const names = [];
    for (let at = pageOf(first); at < index.pages.length && names.length < most; at++) {
      if (names.length && compare(index.pages[at].split(" ")[0], last) >= 0) break;
      names.push(nameOf(...index.pages[at].split(" ")));
    }
    await Promise.all(names.map((name) => script(`v/${name}`)));
    return names.flatMap((name) => pages.get(name)).filter((list) => compare(list.form, first) >= 0 && compare(list.form, last) < 0);
  }
  const exactly = (word) => between(word, `${word}\0`);
  const beginning = (start, most) => between(start, `${start}\u{10ffff}`, most);

  function frequent(lists) { // the most frequent ones, of not too many leaves
    const names = new Set(), kept = [];
    for (const list of [...lists].sort((a, b) => b.magnitude - a.magnitude).slice(0, 60)) {
      if (!names.has(list.leaf) && names.size === LEAVES_AT_ONCE) continue;
      names.add(list.leaf);
      kept.push(list);
    }
    return kept;
  }

  // Words of a text

  const ASCII = /(?:(?<![^\s(])\.(?=[a-z0-9]))?[a-z0-9]+(?:[-'/.,:&][a-z0-9]+)*(?:\+\+|#)?/g;
  const PARTS = /[-'/.,:&]/;
  const ELIDED = new Set("dell nell sull dall coll all quell bell sant un qu jusqu lorsqu puisqu quelqu presqu".split(" "));
  const ARTICLE = /^(?:[وبفك]?ال(?=...)|لل(?=...))/u;

  function expressions(letters, spaceless) {
    const marks = "\\u0e31\\u0e34-\\u0e3a\\u0e47-\\u0e4e\\u0eb1\\u0eb4-\\u0ebc\\u0ec8-\\u0ece\\u102b-\\u103e\\u17b4-\\u17d3\\u3099\\u309a";
    return {
      word: new RegExp(`(?:(?<![^\\s(])\\.(?=[${letters}]))?[${letters}]+(?:[-'/.,:&][${letters}]+)*(?:\\+\\+|#)?|[${spaceless}]+`, "gu"),
      unit: new RegExp(`[${spaceless}][${marks}]*`, "gu"),
    };
  }

  const isAscii = (text) => /^[\0-\x7f]*$/.test(text);
  function folded(text) {
    if (isAscii(text)) return text.toLowerCase();
    return [...text.normalize("NFC")].map((one) => folding.map.get(one) ?? one).join("").normalize("NFC");
  }

  function words(text) { // [words at their places, [place, further form]…]
    text = folded(text);
    const plain = [], further = [];
    for (const word of text.match(isAscii(text) ? ASCII : folding.word) ?? []) {
      if (/^[a-z0-9]+$/.test(word)) {
        plain.push(word.slice(0, LONGEST));
        continue;
      }
      const place = plain.length;
      plain.push(...parts(word).map(cut));
      for (const form of otherForms(word).map(cut)) if (form !== plain[place]) further.push([place, form]);
      const article = ARTICLE.exec(word);
      if (article) further.push([place, cut(word.slice(article[0].length))]);
    }
    return [plain, further];
  }
  const cut = (form) => (form.length > LONGEST ? [...form].slice(0, LONGEST).join("") : form);

  function parts(word) {
    const units = folding && word.match(folding.unit);
    if (units && word.startsWith(units[0])) return units.map((unit, at) => unit + (units[at + 1] ?? ""));
    const core = word.replace(/^\.+/, "").replace(/[+#]+$/, "");
    const [first, ...rest] = core.split("'");
    let joined = first;
    for (const part of rest) {
      const last = joined.split(PARTS).pop();
      if (part !== "s") joined += [...last].length <= 2 || ELIDED.has(last) ? `'${part}` : part;
    }
    return joined.split(PARTS);
  }

  function otherForms(word) {
    const core = word.replace(/'s$/, "");
    const split = core.replace(/^\.+/, "").replace(/[+#]+$/, "").split(PARTS);
    const forms = [];
    if (/^\.|[+#]$/.test(core)) forms.push(core);
    if (split.length < 2) return forms;
    if (core.includes("&")) forms.push(core);
    else if (split.some((part) => /^[0-9]+$/.test(part))) {
      if (/[/.,:]/.test(core)) forms.push(core.replace(/(?<=[0-9]),(?=[0-9][0-9][0-9])/g, ""));
      else if (!split.every((part) => /^[0-9]+$/.test(part))) forms.push(split.join(""));
    } else if (!/[/.,:]/.test(core) || split.every((part) => [...part].length === 1)) forms.push(split.join(""));
    return forms;
  }

  // What is asked

  const QUOTED = "\"“”„«»";
  function asked(question) {
    const clauses = [], filters = [];
    const expression = new RegExp(`([-−]?)(?:(title|source|tag|year):)?(?:[${QUOTED}]([^${QUOTED}]*)[${QUOTED}]?|([^\\s${QUOTED}]+))`, "giu");
    for (const [, sign, field, quoted, bare] of question.matchAll(expression)) {
      const name = field?.toLowerCase();
      const value = quoted ?? bare;
      if (name && name !== "title") filters.push({ name, value, not: !!sign });
      else {
        const [plain, further] = words(value.replace(/\*$/, ""));
        if (plain.length) clauses.push({ said: value, plain, further, exact: quoted !== undefined, not: !!sign, title: !!name, begins: /\*$/.test(value) });
      }
    }
    return { clauses, filters };
  }

  async function family(word) { // all forms of a word, in each language with its endings
    const found = new Map((await exactly(word)).map((list) => [list, 1]));
    if (/[0-9]/.test(word) || word.length < 3) return found;
    const own = [...found.keys()];
    const stems = new Map(own.map((list) => [list.language, new Set()]));
    for (const list of own) stems.get(list.language).add(list.stem);
    let start = word;
    for (const list of own) {
      let same = 0;
      while (same < list.stem.length && list.stem[same] === word[same]) same++;
      if (same >= 3 && same < start.length) start = word.slice(0, same);
    }
    const endings = new Map();
    for (const [language, all] of Object.entries(index.endings)) {
      if (stems.has(language)) continue;
      endings.set(language, new Set(all.split(" ")));
      for (const ending of endings.get(language)) {
        const root = word.endsWith(ending) ? word.slice(0, -ending.length) : word;
        if (root.length >= Math.max(4, word.length - 4) && root.length < start.length) start = root;
      }
    }
    const lists = await beginning(start, 5);
    const guessed = new Map();
    for (const list of lists) {
      if (stems.has(list.language)) {
        if (stems.get(list.language).has(list.stem) && !found.has(list)) found.set(list, 0.6);
      } else if (endings.has(list.language) && list.stem.length >= 4) {
        const of = endings.get(list.language);
        for (const one of [list.form, list.stem]) {
          let same = 0;
          while (same < one.length && one[same] === word[same]) same++;
          const fits = same >= 4 && [one, word].every((whole) => same === whole.length || of.has(whole.slice(same)));
          if (fits && same > (guessed.get(list.language)?.same ?? 0)) guessed.set(list.language, { same, stem: list.stem });
        }
      }
    }
    for (const list of lists) if (guessed.get(list.language)?.stem === list.stem) found.set(list, 0.5);
    return found;
  }

  const strength = (weight) => {
    const share = Math.min(weight & 15, 14.6) / 15;
    return share / (1 - share);
  };

  async function documents(lists, title) { // number -> how strongly, less than 1
    await have([...lists].map(([list]) => list));
    const total = new Map();
    for (const factor of new Set([...lists].map(([, one]) => one))) {
      const together = new Map();
      for (const [list, one] of lists) {
        if (one !== factor) continue;
        const { numbers, weights } = postings(list);
        for (let i = 0; i < numbers.length; i++) {
          if (!title || weights[i] & 16) together.set(numbers[i], (together.get(numbers[i]) ?? 0) + strength(weights[i]));
        }
      }
      for (const [number, how] of together) add(total, number, (factor * how) / (SATURATION + how));
    }
    return total;
  }
  function add(total, number, how) { // what a further form of a word says beside the others
    const before = total.get(number) ?? 0;
    total.set(number, before + (1 - before) * how);
  }

  async function whereStand(lists) {
    const all = new Map();
    for (const list of lists) {
      for (const [number, of] of await placesOf(list)) all.set(number, all.has(number) ? [...all.get(number), ...of].sort((a, b) => a - b) : of);
    }
    return all;
  }

  async function phrase(plain, title) {
    const lists = await Promise.all(plain.map((word, at) => (plain.wild && at === plain.length - 1 ? beginning(word) : exactly(word))));
    const held = await Promise.all(lists.map((of) => documents(of.map((list) => [list, 1]), title)));
    const rarest = held.reduce((best, one) => (one.size < best.size ? one : best));
    const candidates = [...rarest.keys()].filter((number) => held.every((one) => one.has(number)));
    const total = new Map();
    if (plain.length === 1 || !candidates.length) return { total: plain.length === 1 ? held[0] : total, lists: lists.flat() };
    const wanted = new Set(candidates);
    const pieces = lists.map((of) => of.filter((list) => postings(list).numbers.some((number) => wanted.has(number))));
    const maps = await Promise.all(pieces.map(whereStand));
    for (const number of candidates) {
      const sets = maps.slice(1).map((map) => new Set(map.get(number)));
      const times = maps[0].get(number).filter((place) => sets.every((set, at) => set.has(place + at + 1))).length;
      if (times) total.set(number, (2 * times) / (1 + 2 * times));
    }
    return { total, lists: lists.flat(), maps };
  }

  const SPACELESS = (word) => folding && !isAscii(word) && new RegExp(folding.unit.source, "u").test(word) && word.search(folding.unit) === 0;

  async function evaluated(clause, typing) { // documents of a clause, and the lists they are from
    const spaceless = clause.plain.every(SPACELESS);
    if (spaceless && clause.plain.length) {
      const many = clause.plain.length > 1 ? clause.plain.slice(0, -1) : clause.plain;
      many.wild = clause.plain.length === 1;
      return { clause, ...(await phrase(many, clause.title)) };
    }
    if (clause.exact) return { clause, ...(await phrase(clause.plain.filter((word, at) => !(at === clause.plain.length - 1 && at && SPACELESS(word))), clause.title)) };
    const lists = new Map();
    for (const [, form] of clause.further) for (const [list, factor] of await family(form)) lists.set(list, factor);
    if (clause.plain.length === 1) for (const [list, factor] of await family(clause.plain[0])) lists.set(list, Math.max(factor, lists.get(list) ?? 0));
    if ((clause.begins || typing) && clause.plain.length === 1 && clause.plain[0].length > 1) {
      const begun = (await beginning(clause.plain[0], 6)).filter((list) => !lists.has(list));
      for (const list of frequent(begun)) lists.set(list, 0.4);
    }
    const total = await documents(lists, clause.title);
    if (clause.plain.length > 1) for (const [number, how] of (await phrase(clause.plain, clause.title)).total) add(total, number, how);
    const own = await documents([...lists].filter(([list, factor]) => factor === 1), clause.title);
    return { clause, total, own, lists: [...lists.keys()], single: true };
  }

  const rarity = (count) => Math.log(1 + (index.documents - count + 0.5) / (count + 0.5));
  function share({ total, own }, number) { // the word as it was asked for is rarer than all its forms, and says more
    const common = rarity(total.size);
    return common * total.get(number) + (own?.has(number) ? (rarity(own.size) - common) * own.get(number) : 0);
  }

  function ranked(groups) { // documents that hold all, best first
    if (!groups.length) return [];
    const rarest = groups.reduce((best, one) => (one.total.size < best.total.size ? one : best));
    const scores = [];
    for (const number of rarest.total.keys()) {
      if (groups.every(({ total }) => total.has(number))) scores.push([number, groups.reduce((sum, group) => sum + share(group, number), 0)]);
    }
    return scores.sort(byScore);
  }
  const byScore = (a, b) => b[1] - a[1] || b[0] - a[0];

  // Where nothing is found: the nearest spelling or beginning

  function edits(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [], row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      before = row;
      row = next;
    }
    return row[b.length];
  }

  async function alike(word, beginnings) { // lists of words spelt nearly so, or that begin so
    const found = new Map();
    if (beginnings && word.length > 2) {
      for (const list of frequent((await beginning(word, 6)).filter((list) => list.form !== word))) found.set(list, 0.8);
    }
    if (word.length > 3 && !found.size) {
      const most = word.length > 7 ? 2 : 1;
      const starts = [word.slice(0, 3), word.slice(0, 2), word[1] + word[0], word[0] + word[2], word.slice(1, 4)];
      for (let at = 0; at < starts.length; at++) {
        const hits = (await beginning(starts[at], 12)).map((list) => [list, edits(list.form, word, most)]).filter(([, far]) => far && far <= most);
        hits.sort((a, b) => a[1] - b[1] || b[0].magnitude - a[0].magnitude);
        if (!hits.length || (hits[0][1] > 1 && at < 1)) continue;
        const nearest = hits.filter(([, far]) => far === hits[0][1]).map(([list]) => list);
        const [form, ...others] = [...new Set(nearest.map((list) => list.form))].slice(0, 3);
        for (const [list, factor] of await family(form)) found.set(list, factor);
        for (const list of nearest) if (others.includes(list.form) && !found.has(list)) found.set(list, 0.3);
        break;
      }
    }
    return found;
  }

  async function instead(groups, except) { // [what is offered, documents]
    const changed = [];
    const offered = [];
    for (const group of groups) {
      const { clause } = group;
      const isLast = group === groups[groups.length - 1];
      const simple = !clause.exact && clause.plain.length === 1;
      if (simple && (!group.total.size || isLast)) {
        const lists = await alike(clause.plain[0], true);
        if (lists.size) {
          if (!group.total.size) offered.push([...lists.keys()][0].form);
          const total = await documents(lists, clause.title);
          for (const [number, how] of group.total) add(total, number, how);
          changed.push({ ...group, total, lists: [...group.lists, ...lists.keys()] });
          continue;
        }
      }
      if (group.total.size) changed.push(group);
    }
    let found = changed.length === groups.length || groups.length < 3 ? ranked(changed).filter(([number]) => !except.has(number)) : [];
    if (!found.length && changed.length) {
      const scores = new Map(), held = new Map();
      for (const group of changed) {
        for (const number of group.total.keys()) {
          scores.set(number, (scores.get(number) ?? 0) + share(group, number));
          held.set(number, (held.get(number) ?? 0) + 1);
        }
      }
      const least = Math.max(1, Math.min(groups.length - 1, changed.length - 1));
      found = [...scores].filter(([number]) => held.get(number) >= least && !except.has(number)).sort(byScore);
    }
    return { offered, found, lists: changed.flatMap((group) => group.lists) };
  }

  async function search(question, typing) {
    await script("index");
    if (!isAscii(question) && !folding) await script("fold/0");
    if (/[\u3000-\u{10ffff}]/u.test(question)) await script("fold/1");
    const { clauses, filters } = asked(question);
    const wanted = clauses.filter((clause) => !clause.not);
    const telling = wanted.filter((clause) => clause.exact || clause.title || clause.plain.length > 1 || !STOP.has(clause.plain[0]));
    const used = telling.length ? telling : wanted;
    const groups = [];
    for (const [at, clause] of used.entries()) groups.push(await evaluated(clause, typing && at === used.length - 1));
    let results = ranked(groups);
    const missing = groups.filter(({ total }) => !total.size).map(({ clause }) => clause.said);
    let lists = groups.flatMap((group) => group.lists);
    let other = { offered: [], found: [] };
    if (groups.length && results.length < 5 && !groups.some(({ clause }) => clause.exact && groups.length === 1)) {
      other = await instead(groups, new Set(results.map(([number]) => number)));
      if (!results.length) lists = other.lists ?? lists;
    }
    for (const clause of clauses.filter((one) => one.not)) {
      const { total } = await evaluated({ ...clause, exact: clause.exact || clause.plain.length > 1 }, false);
      const kept = ([number]) => !total.has(number);
      results = results.filter(kept);
      other.found = other.found.filter(kept);
    }
    if (!wanted.length && (clauses.length || filters.length)) results = null;
    const marks = new Set(lists.map((list) => list.form));
    const near = groups.filter((group) => group.single && group.lists.length).map((group) => new Set(group.lists.map((list) => list.form)));
    return { results, other, missing, filters, marks, near, excluded: clauses.filter((one) => one.not) };
  }

  // Dates, sources, languages and tags

  const facets = new Map(), days = new Map(), frequentTags = new Map(), tags = new Map();
  const textOf = (number) => `d/${Math.floor(number / 1024)}/${number}`;
  const repeated = (values) => values.flatMap((value, at) => (Array.isArray(value) ? [] : Array(Array.isArray(values[at + 1]) ? values[at + 1][0] : 1).fill(value)));
  const rankOf = (character) => character.charCodeAt(0) - 0x23 - (character > "\\" ? 1 : 0);

  function unfolded(block, made) {
    const rows = new Map();
    const years = repeated(made.years), languages = repeated(made.language);
    let at = 0;
    for (const [first, many] of made.numbers) {
      for (let number = first; number < first + many; number++, at++) {
        rows.set(block * FACETS + number, { at, year: years[at], source: made.sources[rankOf(made.source[at])], language: made.languages[languages[at]] });
      }
    }
    for (const [number, first] of made.twins) rows.get(number).twin = first;
    return rows;
  }

  const facetOf = (number) => facets.get(Math.floor(number / FACETS)).get(number);
  const dateOf = (number) => `${facetOf(number).year}-${days.get(Math.floor(number / FACETS))[facetOf(number).at]}`;
  function tagsOf(number) { // all, or those that are frequent in the archive
    const block = tags.get(Math.floor(number / TAGS));
    if (block) return block.of[number % TAGS].map((rank) => block.tags[rank]);
    return [...frequentTags.get(Math.floor(number / FACETS))[facetOf(number).at]].map((one) => index.tags[rankOf(one)]);
  }
  const blocksOf = (numbers, size) => [...new Set(numbers.map((number) => Math.floor(number / size)))];
  const load = (kind, size, kept, made) => (numbers) => Promise.all(blocksOf(numbers, size).map(async (block) => {
    const told = JSON.parse(await inflated(`${kind}/${block}`));
    if (!kept.has(block)) kept.set(block, made(block, told));
  }));
  const loadFacets = load("f", FACETS, facets, unfolded);
  const loadDays = load("s", FACETS, days, (_, told) => repeated(told));
  const loadFrequent = load("g", FACETS, frequentTags, (_, told) => told.split(" "));
  const loadTags = load("t", TAGS, tags, (_, told) => told);
  async function everything() {
    await loadFacets(index.facets.map((block) => block * FACETS));
    return index.facets.flatMap((block) => [...facets.get(block).keys()]);
  }
  const isFrequent = (tag) => index.tags.some((one) => folded(one) === folded(tag));
  const byDate = (sign) => (a, b) => {
    const [x, y] = [dateOf(a), dateOf(b)];
    return sign * (x < y ? -1 : x > y ? 1 : a - b);
  };

  if (typeof document === "undefined") {
    globalThis.seedbankWordsOf = words;
    return;
  }

  // The page

  const page = (id) => document.getElementById(id);
  const form = page("asking"), said = page("said"), list = page("results"), others = page("instead"), more = page("more"), side = page("facets"), chips = page("chips"), years = page("years");
  const NAMES = { year: "Years", tag: "Subjects", source: "Sources", language: "Languages" };
  const told = (number) => (number < 10000 ? `${number}` : number.toLocaleString("en"));
  const counted = (number, noun) => `${told(number)} ${noun}${number === 1 ? "" : "s"}`;
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  history.scrollRestoration = "manual"; // rows come later than a browser waits for them
  let chosen = {}, turn = 0, shown = [], arranged = (of) => of, marked = new Set();

  const matches = (number, name, value) => (name === "tag" ? tagsOf(number).some((tag) => folded(tag) === folded(value)) : name === "year" ? inYears(facetOf(number).year, value) : name === "source" ? facetOf(number).source.toLowerCase().includes(value.toLowerCase()) : facetOf(number)[name] === value);
  const inYears = (year, value) => {
    const [first, last = first] = value.split(/\.\.|[-–]/);
    return year >= first && year <= last;
  };

  async function run(typing, rows = PAGE) {
    const mine = ++turn;
    const question = form.elements.q.value.trim();
    keepInAddress(question, typing);
    try {
      if (!question && !Object.keys(chosen).length) {
        await invite(mine);
        return;
      }
      let { results, other, missing, filters, marks, near, excluded } = question ? await search(question, typing) : { results: null, other: { offered: [], found: [] }, missing: [], filters: [], marks: new Set(), near: [], excluded: [] };
      await script("index");
      let sign = { newest: -1, oldest: 1 }[chosen.sort];
      const conditions = [...filters, ...Object.entries(chosen).filter(([name]) => name !== "sort").map(([name, value]) => ({ name, value }))];
      if (!results) {
        const not = new Set();
        for (const clause of excluded) for (const number of (await evaluated(clause, false)).total.keys()) not.add(number);
        results = (await everything()).filter((number) => !not.has(number)).map((number) => [number, 0]);
        sign ??= -1;
      } else if (!conditions.length && !sign) {
        for (const [number] of results.slice(0, rows)) inflated(textOf(number)).catch(() => {});
      }
      let numbers = results.map(([number]) => number);
      let suggested = other.found.map(([number]) => number);
      const all = [...numbers, ...suggested];
      await loadFacets(all);
      if (conditions.some(({ name, value }) => name === "tag" || !isAscii(value)) && !folding) await script("fold/0");
      const asked = conditions.filter(({ name }) => name === "tag");
      if (asked.length) await (asked.every(({ value }) => isFrequent(value)) ? loadFrequent : loadTags)(all);
      const fits = (number) => conditions.every(({ name, value, not }) => matches(number, name, value) !== !!not);
      numbers = numbers.filter(fits);
      suggested = suggested.filter(fits);
      if (sign) {
        await loadDays(numbers);
        numbers.sort(byDate(sign));
      }
      if (mine !== turn) return;
      await show(mine, { question, numbers, suggested, missing, offered: other.offered, marks, rows, closeness: sign ? undefined : closer(new Map(results), near) });
    } catch (error) {
      if (mine === turn) said.textContent = `The search does not work here: ${error.message}.`;
    }
  }

  function twinsFolded(numbers) {
    const rows = new Map();
    for (const number of numbers) {
      const first = facetOf(number).twin ?? number;
      if (rows.has(first)) rows.get(first).push(number);
      else rows.set(first, [number]);
    }
    return [...rows.values()];
  }

  async function show(mine, { question, numbers, suggested, missing, offered, marks, rows, closeness = (of) => of }) {
    marked = marks;
    shown = twinsFolded(numbers);
    arranged = closeness;
    const first = [];
    for (let at = 0; at < Math.min(rows, shown.length); at += PAGE) first.push(...(await rowsFrom(at)));
    const near = await Promise.all(twinsFolded(suggested).slice(0, PAGE).map(row));
    if (mine !== turn) return;
    list.replaceChildren(...first);
    page("narrow").hidden = !numbers.length;
    others.replaceChildren(...near);
    others.hidden = page("offer").hidden = !near.length;
    more.hidden = shown.length <= rows;
    const named = missing.map((word) => `“${word}”`).join(", ");
    const about = question ? ` for ${question}` : "";
    said.textContent = `${counted(numbers.length, "document")}${about}${missing.length ? `; no document holds ${named}` : ""}.`;
    const spelt = offered.map((word) => `“${word}”`).join(", ");
    page("offer").textContent = near.length ? `${counted(suggested.length, "document")} ${spelt ? `with ${spelt}` : numbers.length ? "with words that begin so, or nearly all of the words" : "with nearly all of the words, or words that begin so"}:` : "";
    page("ways").hidden = !!(numbers.length || near.length);
    page("how").hidden = true;
    showChips();
    await showFacets(mine, numbers);
  }

  async function invite(mine) { // nothing is asked: how to ask, and what there is
    [list, others, side, chips, years].forEach((one) => one.replaceChildren());
    said.textContent = "";
    more.hidden = others.hidden = page("offer").hidden = page("narrow").hidden = true;
    page("how").hidden = page("ways").hidden = false;
    await script("index");
    if (index.facets.length > BLOCKS_AT_ONCE) return;
    await showFacets(mine, await everything());
  }

  async function showMore() {
    const from = list.children.length, mine = turn;
    const rows = await rowsFrom(from);
    if (mine !== turn) return;
    list.append(...rows);
    more.hidden = list.children.length >= shown.length;
    rows[0]?.querySelector("a").focus();
  }

  async function rowsFrom(at) { // twenty, those first in which what was asked stands together
    const of = shown.slice(at, at + PAGE);
    const texts = await Promise.all(of.map(([number]) => text(number)));
    return Promise.all(arranged(of.map((numbers, nth) => ({ numbers, text: texts[nth].text }))).map(({ numbers }) => row(numbers)));
  }

  const closer = (scores, near) => (of) => {
    if (near.length < 2) return of;
    const scored = of.map((one) => [one, (scores.get(one.numbers[0]) ?? 0) * (1 + 0.03 * nearness(one.text, near))]);
    return scored.sort((a, b) => b[1] - a[1]).map(([one]) => one);
  };

  function nearness(text, near) { // of each word to the next in the question: 1 where they touch
    const last = near.map(() => -1e9);
    const best = near.map(() => 0);
    wordsIn(text).forEach(({ form }, at) => near.forEach((forms, nth) => {
      if (!forms.has(form)) return;
      last[nth] = at;
      if (nth) best[nth] = Math.max(best[nth], 1 / Math.max(1, at - last[nth - 1]));
      if (nth + 1 < near.length) best[nth + 1] = Math.max(best[nth + 1], 1 / (1 + at - last[nth + 1]));
    }));
    return best.reduce((sum, one) => sum + one, 0) / (near.length - 1);
  }

  async function row([number, ...twins]) {
    const data = await text(number);
    const item = element("li", {}, linkTo(data));
    item.append(element("span", { className: "meta", textContent: [day(data.date), data.source].filter(Boolean).join(" · ") }));
    const excerpt = element("p", { dir: "auto", lang: data.language === "und" ? "" : data.language });
    excerpt.append(...excerptOf(data));
    item.append(excerpt);
    if (twins.length) {
      const same = element("p", { className: "meta", textContent: "The same text: " });
      for (const [at, twin] of twins.entries()) {
        const other = await text(twin);
        same.append(at ? ", " : "", linkTo(other, [day(other.date), other.source].filter(Boolean).join(" · ")));
      }
      item.append(same);
    }
    return item;
  }

  function linkTo(data, words = data.title) {
    return element("a", { href: data.address.split("/").map(encodeURIComponent).join("/"), textContent: words, dir: "auto", lang: data.language === "und" ? "" : data.language });
  }

  const months = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "long", timeZone: "UTC" });
  const ofDay = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
  function day(date) {
    const [year, month, of] = date.split("-").map(Number);
    return month ? (of ? ofDay : months).format(new Date(0).setUTCFullYear(year, month - 1, of || 1)) : date; // also of the first century
  }

  async function text(number) {
    const [head, ...lines] = (await inflated(textOf(number))).split("\n");
    const [address, title, language, source, date] = JSON.parse(head);
    const [opening, ...rest] = lines; // some captures say the title again
    return { address, title, language, source, date, text: (lightly(opening) === lightly(title) ? rest : lines).join("\n") };
  }

  const lightly = (word) => isAscii(word) ? word.toLowerCase().replace(/'s$/, "") : word.normalize("NFKD").replace(/[\u0300-\u036f\u00ad]/g, "").normalize("NFC").toLowerCase().replace(/[’‘]/g, "'").replace(/'s$/, "").replace(/ß/g, "ss");
  function isMarked(light) {
    if (/^[a-z0-9]{2,}$/.test(light)) return marked.has(light);
    return marked.has(light) || marked.has(light.replace(/[-']/g, "")) || light.split(PARTS).some((part) => part && marked.has(part)) || (light.length === 1 && [...marked].some((form) => form.startsWith(light) && !isAscii(form)));
  }

  const SEEN = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff]\p{M}*|[\p{L}\p{N}\p{M}\u00ad]+(?:[-'’&/.][\p{L}\p{N}\p{M}]+)*/gu;
  function wordsIn(text) { // where each begins and ends, and its form where that was asked for
    const found = [...text.matchAll(isAscii(text) ? /[a-z0-9]+(?:[-'&/.][a-z0-9]+)*/gi : SEEN)].map((match) => {
      const form = lightly(match[0]);
      return { at: match.index, end: match.index + match[0].length, form: isMarked(form) ? form : "" };
    });
    for (let i = 0; i + 1 < found.length; i++) {
      const pair = text.slice(found[i].at, found[i + 1].end);
      if (found[i].end === found[i + 1].at && marked.has(lightly(pair))) found[i].form = found[i + 1].form = lightly(pair);
    }
    return found;
  }

  function excerptOf({ text }) { // the part with most of the words
    const found = wordsIn(text);
    const WIDTH = 36;
    let best = 0, most = -1;
    for (let i = 0; i < found.length; i++) {
      if (i && !found[i].form) continue;
      const hits = found.slice(i, i + WIDTH - 6).map(({ form }) => form).filter(Boolean);
      const value = 10 * new Set(hits).size + hits.length;
      if (value > most) [best, most] = [i, value];
    }
    const from = Math.max(0, best - 6), to = Math.min(found.length, from + WIDTH);
    const pieces = [from ? "… " : ""];
    let at = found[from]?.at ?? 0;
    for (const { at: begin, end, form } of found.slice(from, to)) {
      if (!form) continue;
      pieces.push(text.slice(at, begin), element("mark", { textContent: text.slice(begin, end) }));
      at = end;
    }
    pieces.push(text.slice(at, to < found.length ? found[to - 1].end : undefined), to < found.length ? " …" : "");
    return joined(pieces.filter((piece) => piece !== ""));
  }

  function joined(pieces) { // marks that touch are one
    const out = [];
    for (const piece of pieces) {
      const last = out[out.length - 1];
      if (last?.tagName && piece.tagName) last.textContent += piece.textContent;
      else out.push(piece);
    }
    return out;
  }

  // Narrowing down

  function showChips() {
    chips.replaceChildren(...Object.entries(chosen).filter(([name]) => name !== "sort").map(([name, value]) => {
      const called = name === "language" ? language(value) : value;
      const chip = element("button", { type: "button", textContent: `${called} ×`, title: "Take this off" });
      chip.setAttribute("aria-label", `Take off: ${called}`);
      chip.addEventListener("click", () => choose(name, undefined));
      return chip;
    }));
  }

  function choose(name, value) {
    chosen = { ...chosen };
    if (value === undefined) delete chosen[name];
    else chosen[name] = value;
    run(false);
  }

  async function showFacets(mine, numbers) {
    showYears(counts(numbers, (number) => [facetOf(number).year]));
    const groups = ["source", "language"].map((name) => facet(name, counts(numbers, (number) => [facetOf(number)[name]])));
    const group = element("div");
    const subjects = () => group.replaceChildren(facet("tag", counts(numbers, tagsOf)));
    const offer = (words, load, then) => {
      const button = element("button", { type: "button", className: "rest", textContent: words });
      button.addEventListener("click", async () => {
        await load(numbers);
        subjects();
        then?.();
      });
      group.append(button);
    };
    const offerAll = () => offer("Count all subjects", loadTags);
    if (blocksOf(numbers, TAGS).length <= TAGS_AT_ONCE) {
      await loadTags(numbers);
      subjects();
    } else if (blocksOf(numbers, FACETS).length <= BLOCKS_AT_ONCE) {
      await loadFrequent(numbers);
      subjects();
      offerAll();
    } else offer("Count subjects", loadFrequent, offerAll);
    groups.unshift(group);
    if (mine === turn) side.replaceChildren(...groups.filter(Boolean));
  }

  function counts(numbers, values) {
    const found = new Map();
    for (const number of numbers) for (const value of values(number)) if (value) found.set(value, (found.get(value) ?? 0) + 1);
    return found;
  }

  function facet(name, found) {
    if (!found.size) return "";
    const sorted = [...found].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const items = sorted.slice(0, 200).map(([value, count], at) => element("li", { hidden: at >= SHORT },
      choice(name, value, name === "language" ? language(value) : value), " ", element("span", { className: "meta", textContent: told(count) })));
    const group = element("section", { className: `facet ${name}` }, element("h2", { textContent: NAMES[name] }), element("ul", {}, ...items));
    if (items.length > SHORT) {
      const rest = element("button", { type: "button", className: "rest", textContent: `${told(items.length - SHORT)} more` });
      rest.setAttribute("aria-label", `${told(items.length - SHORT)} more ${NAMES[name].toLowerCase()}`);
      rest.addEventListener("click", () => {
        items.forEach((item) => (item.hidden = false));
        items[SHORT].querySelector("button").focus();
        rest.remove();
      });
      group.append(rest);
    }
    return group;
  }

  function choice(name, value, ...inside) {
    const button = element("button", { type: "button" }, ...inside);
    button.setAttribute("aria-pressed", String(chosen[name] === value));
    button.addEventListener("click", () => choose(name, chosen[name] === value ? undefined : value));
    return button;
  }

  function showYears(found) { // a bar for each year; for each decade where years would be too narrow to hit
    const all = [...found.keys()].map(Number).sort((a, b) => a - b);
    if (!all.length) {
      years.replaceChildren();
      return;
    }
    let step = 1;
    while (Math.floor(all.at(-1) / step) - Math.floor(all[0] / step) >= Math.floor(form.clientWidth / BAR)) step *= 10;
    const sums = new Map();
    for (let of = Math.floor(all[0] / step); of <= Math.floor(all.at(-1) / step); of++) sums.set(of, 0);
    for (const [year, count] of found) sums.set(Math.floor(year / step), sums.get(Math.floor(year / step)) + count);
    const most = Math.max(...sums.values());
    const nameOf = (of) => (step === 1 ? `${of}`.padStart(4, "0") : `${of * step}–${of * step + step - 1}`);
    const bars = [...sums].map(([of, count]) => {
      const bar = element("span", { className: "bar" });
      bar.style.blockSize = `${(3 * count) / most}rem`;
      const name = nameOf(of);
      const button = choice("year", name, bar, element("span", { className: "under", textContent: step === 1 ? `’${name.slice(-2)}` : `${of * step}` }));
      button.setAttribute("aria-label", `${name}: ${counted(count, "document")}`);
      button.title = `${name}: ${told(count)}`;
      button.disabled = !count;
      return element("li", {}, button);
    });
    const peak = [...sums].find(([, count]) => count === most)[0];
    const caption = `${all.length > 1 ? `${all[0]}–${all.at(-1)}, ` : ""}most in ${nameOf(peak)}: ${told(most)}`;
    years.replaceChildren(element("h2", { className: "unseen", textContent: "Years" }), element("ul", {}, ...bars), element("p", { className: "meta", textContent: caption }));
  }

  function language(code) {
    if (code === "und") return "unknown";
    try {
      return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
    } catch {
      return code;
    }
  }

  // The address keeps the question

  let kept = null;
  addEventListener("pagehide", () => history.replaceState({ rows: list.children.length, from: scrollY }, ""));
  function keepInAddress(question, typing) {
    const query = new URLSearchParams({ ...(question ? { q: question } : {}), ...chosen }).toString();
    if (query === kept) return;
    const address = query ? `?${query}` : location.pathname;
    try {
      if (kept === null || typing) history.replaceState(history.state, "", address);
      else history.pushState(null, "", address);
    } catch { /* some browsers let no page that lies on a disk change its address */ }
    kept = query;
  }

  async function takeFromAddress() {
    const { q = "", ...rest } = Object.fromEntries(new URLSearchParams(location.search));
    form.elements.q.value = q;
    chosen = Object.fromEntries(Object.entries(rest).filter(([name, value]) => value && (name in NAMES || name === "sort")));
    form.elements.sort.value = chosen.sort ?? "";
    kept = null;
    const { rows, from } = history.state ?? {};
    await run(false, Math.max(PAGE, rows ?? 0));
    if (from) scrollTo(0, from);
  }

  let waiting;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    run(false);
  });
  form.elements.q.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => run(true), 200);
  });
  form.elements.sort.addEventListener("change", ({ target }) => choose("sort", target.value || undefined));
  more.addEventListener("click", showMore);
  page("narrow").addEventListener("click", () => {
    side.scrollIntoView();
    side.querySelector("button")?.focus({ preventScroll: true });
  });
  addEventListener("popstate", takeFromAddress);
  document.documentElement.classList.add("scripted");
  takeFromAddress();
})();
