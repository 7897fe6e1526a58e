/* The page for searching. Pagefind does the searching; this file hands it the parts of its index, which are scripts
   so that they can be loaded from a disk as well as from a host (plugins/engine/search.py writes them), and shows the results. */
"use strict";
(() => {
  const PAGE = 5; // results at a time: each is a file to load
  const WITHOUT_SPACES = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]\p{M}*/gu;
  const FACETS = ["tag", "source", "year", "language"];

  const form = document.getElementById("asking");
  const said = document.getElementById("said");
  const list = document.getElementById("results");
  const more = document.getElementById("more");
  const narrow = document.getElementById("narrow");
  const numbers = [...Array(Number(form.dataset.indexes)).keys()];

  // Files of the index, from scripts

  const parts = new Map();
  const scripts = new Map();
  const facets = new Map();

  window.seedbankPart = (name, length, text) => parts.set(name, unpacked(text, length));
  window.seedbankFacets = (number, documents) =>
    facets.set(Number(number), new Map(documents.map((one) => [one.id, { ...one, year: one.date.slice(0, 4) }])));
  window.seedbankFetch = async (address) => {
    const name = address.replace(/\?.*$/, "").replace(/^search\//, "").replace(/^\d+\/wasm/, "wasm");
    const [number, kind, file] = name.split("/");
    await script(name.startsWith("wasm") ? "wasm" : file ? `${number}/${kind}/${file.split(".")[0]}` : number);
    const bytes = parts.get(name);
    return {
      ok: true,
      status: 200,
      arrayBuffer: async () => bytes.slice().buffer,
      json: async () => JSON.parse(new TextDecoder().decode(bytes)),
    };
  };

  function script(name) {
    name = String(name);
    if (!scripts.has(name)) {
      scripts.set(name, new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = `search/${name}.js`;
        element.onload = resolve;
        element.onerror = () => reject(new Error(`search/${name}.js is missing`));
        document.head.append(element);
      }));
    }
    return scripts.get(name);
  }

  function unpacked(text, length) {
    const bytes = new Uint8Array(length);
    let bits = 0, kept = 0, at = 0;
    for (let i = 0; at < length; i++) {
      bits = (bits << 15) | (text.charCodeAt(i) - 0x3400);
      kept += 15;
      while (kept >= 8 && at < length) bytes[at++] = (bits >> (kept -= 8)) & 255;
      bits &= (1 << kept) - 1;
    }
    return bytes;
  }

  // Searching

  let engines;
  function allEngines() {
    engines ??= script("pagefind").then(async () => {
      numbers.forEach(script);
      // The first alone: all share one WebAssembly, and two that start it at a time would start two.
      const first = await Promise.all(numbers.slice(0, 1).map(engine));
      return [...first, ...(await Promise.all(numbers.slice(1).map(engine)))];
    });
    return engines;
  }

  async function engine(number) {
    const one = window.seedbankPagefind({ basePath: `search/${number}/`, baseUrl: "/", noWorker: true, excerptLength: 32 });
    await one.filters(); // there are none, but it waits until all is loaded, which init() does not
    return one;
  }

  async function found(words) {
    const spaced = words.replace(WITHOUT_SPACES, " $& ").trim().replace(/\s+/g, " ");
    const isPhrase = spaced !== words && !words.replace(WITHOUT_SPACES, "").trim();
    const exact = isPhrase ? await foundBy(`"${spaced}"`) : [];
    return exact.length ? exact : foundBy(spaced);
  }

  async function foundBy(words) {
    const all = await Promise.all((await allEngines()).map((engine) => engine.search(words)));
    const results = all.flatMap((one, number) => one.results.map((result) => ({ ...result, number })));
    return results.sort((a, b) => b.score - a.score);
  }

  // The address keeps the question

  function asked() {
    return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  }

  function keepInAddress(question) {
    const query = new URLSearchParams(question).toString();
    try {
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
    } catch {
      /* Some browsers let no page that lies on a disk change its address. */
    }
  }

  function takeFromAddress() {
    for (const [name, value] of new URLSearchParams(location.search)) {
      const field = form.elements[name];
      if (!field) continue;
      if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) field.append(new Option(value, value));
      field.value = value;
      if (field.tagName === "SELECT" && value) narrow.open = true;
    }
  }

  // Showing

  let turn = 0;
  async function search() {
    const mine = ++turn;
    const question = asked();
    keepInAddress(question);
    if (!question.q) {
      show([], mine, "");
      return;
    }
    said.textContent = "Searching …";
    try {
      let results = await found(question.q);
      if (narrow.open || FACETS.some((name) => question[name]) || question.sort) results = await narrowed(results, question);
      if (mine === turn) show(results, mine, `${results.length.toLocaleString("en")} ${results.length === 1 ? "document" : "documents"}`);
    } catch (error) {
      if (mine === turn) said.textContent = `The search does not work here: ${error.message}.`;
    }
  }

  async function narrowed(results, question) {
    await Promise.all(numbers.map((number) => script(`${number}/facets`)));
    const of = (result) => facets.get(result.number).get(result.id);
    const has = (result, name) => {
      const value = question[name];
      return !value || (name === "tag" ? of(result).tags.includes(value) : of(result)[name] === value);
    };
    for (const name of FACETS) {
      const counts = new Map();
      for (const result of results.filter((one) => FACETS.every((other) => other === name || has(one, other)))) {
        for (const value of name === "tag" ? of(result).tags : [of(result)[name]]) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      offer(form.elements[name], counts, question[name] ?? "");
    }
    const kept = results.filter((one) => FACETS.every((name) => has(one, name)));
    const sign = { newest: -1, oldest: 1 }[question.sort];
    return sign ? kept.sort((a, b) => sign * (of(a).date < of(b).date ? -1 : of(a).date > of(b).date ? 1 : 0)) : kept;
  }

  function offer(field, counts, chosen) {
    const order = field.name === "year" ? ([a], [b]) => (a < b ? 1 : -1) : ([a, m], [b, n]) => n - m || (a < b ? -1 : 1);
    const options = [...counts].sort(order).slice(0, 200);
    if (chosen && !options.some(([value]) => value === chosen)) options.unshift([chosen, 0]);
    const named = (value) => (field.name === "language" ? language(value) : value);
    field.replaceChildren(new Option("any", ""), ...options.map(([value, count]) => new Option(`${named(value)} (${count.toLocaleString("en")})`, value)));
    field.value = chosen;
  }

  function language(code) {
    if (code === "und") return "unknown";
    try {
      return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
    } catch {
      return code;
    }
  }

  let shown = [];
  async function show(results, mine, words) {
    shown = results;
    more.hidden = true;
    const rows = await Promise.all(results.slice(0, PAGE).map(row));
    if (mine !== turn) return;
    list.replaceChildren(...rows);
    said.textContent = words;
    more.hidden = results.length <= PAGE;
  }

  async function showMore() {
    const first = list.children.length;
    more.hidden = true;
    const mine = turn;
    const rows = await Promise.all(shown.slice(first, first + PAGE).map(row));
    if (mine !== turn) return;
    list.append(...rows);
    more.hidden = list.children.length >= shown.length;
  }

  async function row(result) {
    const data = await result.data();
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = data.raw_url.replace(/^\//, "").split("/").map(encodeURIComponent).join("/");
    link.textContent = data.meta.title;
    link.dir = "auto";
    if (data.meta.language) link.lang = data.meta.language;
    const meta = document.createElement("span");
    meta.className = "meta";
    meta.textContent = [data.meta.day, data.meta.source].filter(Boolean).join(" · ");
    const excerpt = document.createElement("p");
    excerpt.dir = "auto";
    if (data.meta.language) excerpt.lang = data.meta.language;
    excerpt.append(...marked(data));
    item.append(link, meta, excerpt);
    return item;
  }

  function marked({ excerpt, content }) {
    // Words of a capture stay words: the excerpt is taken apart, and never becomes markup of this page.
    const parsed = new DOMParser().parseFromString(excerpt, "text/html").body;
    const tidy = (text) => text.replace(/\s+/g, " ");
    const [part, whole] = [parsed.textContent, content].map((text) => tidy(text).trim());
    if (!whole.startsWith(part)) parsed.prepend("… ");
    if (!whole.endsWith(part)) parsed.append(" …");
    const pieces = [...parsed.childNodes].map((node) => [node.nodeName === "MARK", tidy(node.textContent)]);
    const joined = [];
    for (const [is, text] of pieces) {
      const last = joined[joined.length - 1];
      if (last && last[0] && is) last[1] += text;
      else joined.push([is, text]);
    }
    return joined.map(([is, text]) => {
      const closed = text.replace(new RegExp(`(${WITHOUT_SPACES.source}) (?=${WITHOUT_SPACES.source})`, "gu"), "$1");
      const element = is ? document.createElement("mark") : document.createTextNode(closed);
      if (is) element.textContent = closed;
      return element;
    });
  }

  // Hands

  let waiting;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
  });
  form.elements.q.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 250);
  });
  form.addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT") search();
  });
  narrow.addEventListener("toggle", () => narrow.open && search());
  more.addEventListener("click", async () => {
    const first = list.children.length;
    await showMore();
    list.children[first]?.querySelector("a").focus();
  });
  new IntersectionObserver(([one]) => one.isIntersecting && showMore()).observe(more);
  document.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      form.elements.q.focus();
    } else if (event.key === "ArrowDown" && (document.activeElement === form.elements.q || at >= 0) && links[at + 1]) {
      event.preventDefault();
      links[at + 1].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (links[at - 1] ?? form.elements.q).focus();
    }
  });

  takeFromAddress();
  search();
})();
