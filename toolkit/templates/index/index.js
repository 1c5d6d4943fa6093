(() => {
  "use strict";
  const held = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement, byId = (id) => document.getElementById(id);
  const body = document.querySelector("#reports tbody"), more = byId("more"), count = byId("count"), form = byId("filters");
  const SLICE = 100, OKU = 1e8, MILLION = 1e6;
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const ja = () => root.lang === "ja", say = (a, b) => (ja() ? a : b);
  const english = (text) => (ja() ? text : held.english[text] || text);
  const has = (value) => value !== null && value !== undefined;
  const rows = held.rows.map((cells) => {
    const row = {};
    held.columns.forEach((name, n) => { row[name] = cells[n]; });
    row.weight = row.error * 1e6 + row.warning * 1e3 + row.info;
    row.sum = fold([row.name, row.sheet_id, row.ministry, held.english[row.ministry], row.bureau, row.division].filter(has).join("\n"));
    row.paid = (row.recipients || []).map((name) => [name, fold(name)]);
    return row;
  });
  const collator = new Intl.Collator("ja", { numeric: true });
  rows.sort((a, b) => collator.compare(a.sheet_id, b.sheet_id));
  const FILTERS = ["ministry", "review_year", "team", "findings"];
  const RANGES = { rate: "execution_rate", size: "budget_jpy" };
  const picked = new Set();
  let shown = [], drawn = 0, sort = { key: "", up: true };

  // -- values in words
  const unit = () => (ja() ? OKU : MILLION), digits = () => (ja() ? 2 : 0);
  const number = (value, n) => value.toLocaleString("en", { minimumFractionDigits: n, maximumFractionDigits: n });
  const money = (yen) => {
    if (!has(yen)) return "–";
    if (yen === 0) return "0";
    const least = unit() / 10 ** digits();
    return yen && Math.abs(yen) < least / 2 ? "<" + number(least / unit(), digits()) : number(yen / unit(), digits());
  };
  const total = (yen) => (ja() && yen >= 1e12 ? number(yen / 1e12, 2) + "兆円" : ja() ? number(yen / OKU, yen < 100 * OKU ? 1 : 0) + "億円"
    : yen >= 1e12 ? number(yen / 1e12, 2) + " trillion yen" : number(yen / MILLION, 0) + " million yen");
  const rate = (value) => (has(value) ? number(value * 100, 1) + "%" : "–");
  const year = (value) => say(value + "年度", "FY" + value);

  // -- elements; every text of a sheet becomes a text node
  function el(name, given, ...children) {
    const made = document.createElement(name);
    Object.entries(given || {}).forEach(([key, value]) => { if (has(value)) made.setAttribute(key, value); });
    made.append(...children.filter(has));
    return made;
  }
  function spark(years) {
    const known = years.filter((y) => has(y[1]) || has(y[2])).slice(-10);
    const top = Math.max(0, ...known.flatMap((y) => [y[1] || 0, y[2] || 0]));
    if (!top) return "–";
    const step = Math.min(16, 104 / known.length), wide = step * 0.74, high = 26, space = "http://www.w3.org/2000/svg";
    const words = known.map((y) => year(y[0]) + " " + money(y[1]) + " / " + money(y[2])).join(say("、", "; "));
    const label = say("歳出予算現額 / 執行額（億円）：", "Current budget / spent (million yen): ") + words;
    const svg = document.createElementNS(space, "svg");
    const across = Math.ceil(step * known.length);  // of all years; a narrow list presses them together
    [["width", across], ["height", high], ["viewBox", `0 0 ${across} ${high}`], ["preserveAspectRatio", "none"], ["role", "img"], ["aria-label", label]].forEach(([k, v]) => svg.setAttribute(k, v));
    const title = document.createElementNS(space, "title");
    title.textContent = label;
    svg.append(title);
    known.forEach((y, n) => [["given", y[1]], ["spent", y[2]]].forEach(([kind, yen]) => {
      if (!(yen > 0)) return;
      const bar = document.createElementNS(space, "rect"), tall = Math.max(0.8, (yen / top) * (high - 1));
      [["class", kind], ["x", (n * step).toFixed(1)], ["y", (high - tall).toFixed(1)], ["width", wide.toFixed(1)], ["height", tall.toFixed(1)]]
        .forEach(([k, v]) => bar.setAttribute(k, v));
      svg.append(bar);
    }));
    return svg;
  }
  function line(row, terms) {
    const cell = (kind, ...children) => el("td", { class: kind, role: "cell" }, ...children);
    const box = el("input", { type: "checkbox", "aria-label": say("印を付ける：", "Mark: ") + (row.name || row.sheet_id) });
    box.checked = picked.has(row.sheet_id);
    const paid = terms.length ? row.paid.filter(([, folded]) => terms.some((t) => folded.includes(t) && !row.sum.includes(t))) : [];
    const finds = [["error", "誤り", "error"], ["warning", "注意", "warning"], ["info", "参考", "note"]].filter(([name]) => row[name])
      .map(([name, a, b]) => el("span", { class: name }, say(a + " " + row[name], row[name] + " " + b + (row[name] > 1 ? "s" : ""))));
    const money_cell = cell("number budget_jpy", money(row.budget_jpy), has(row.budget_year) && row.budget_year !== row.review_year - 1 ? el("small", {}, year(row.budget_year)) : null);
    money_cell.dataset.unit = say("予算（億円）", "Budget (million yen)");
    const rate_cell = cell("number execution_rate", rate(row.execution_rate));
    rate_cell.dataset.unit = say("執行率", "Execution rate");
    const made = el("tr", { role: "row" },
      cell("mark", box),
      cell("name", el("a", { href: encodeURIComponent(row.page) }, row.name || row.sheet_id), el("small", {}, row.sheet_id),
        paid.length ? el("small", {}, say("支出先：", "Recipient: "), el("mark", {}, paid.map(([name]) => name).join("、"))) : null),
      cell("ministry", english(row.ministry) || "–", row.bureau ? el("small", {}, row.bureau.replace(/\s+/g, " ")) : null),
      cell("number review_year", String(row.review_year ?? "–")),
      money_cell, rate_cell,
      cell("spark", spark(row.years || [])),
      cell("team", english(row.team) || el("span", { class: "none" }, "–"), row.reflection && row.reflection !== row.team ? el("small", {}, "→ " + english(row.reflection)) : null),
      cell("findings", ...(finds.length ? finds : [el("span", { class: "none" }, say("なし", "none"))])),
      cell("links", row.notebook ? el("a", { href: row.notebook.split("/").map(encodeURIComponent).join("/") }, say("ノートブック", "notebook")) : null,
        row.source ? el("a", { href: row.source.split("/").map(encodeURIComponent).join("/") }, say("原本", "source")) : null));
    made.classList.toggle("picked", box.checked);
    box.addEventListener("change", () => {
      box.checked ? picked.add(row.sheet_id) : picked.delete(row.sheet_id);
      made.classList.toggle("picked", box.checked);
      remember();
    });
    return made;
  }

  // -- what is asked for
  const terms = () => fold(byId("q").value).split(/\s+/).filter(Boolean);
  const scale = (name) => (name === "rate" ? 0.01 : unit());
  function bound(name, end) {
    const typed = byId(name + "-" + end).value;
    return typed === "" ? null : Number(typed) * scale(name);
  }
  const FOUND = {
    error: ["誤りあり", "with errors", (row) => row.error > 0],
    warning: ["誤りか注意あり", "with errors or warnings", (row) => row.error + row.warning > 0],
    none: ["誤りも注意もなし", "no errors or warnings", (row) => row.error + row.warning === 0],
  };
  function wanted() {
    const words = terms(), chosen = Object.fromEntries(FILTERS.map((id) => [id, byId(id).value]));
    const ends = Object.entries(RANGES).map(([name, key]) => [key, bound(name, "min"), bound(name, "max")]);
    const only = byId("picked").checked;
    return rows.filter((row) =>
      words.every((term) => row.sum.includes(term) || row.paid.some(([, folded]) => folded.includes(term)))
      && (!chosen.ministry || row.ministry === chosen.ministry) && (!chosen.review_year || String(row.review_year) === chosen.review_year)
      && (!chosen.team || (row.team || "–") === chosen.team) && (!chosen.findings || FOUND[chosen.findings][2](row))
      // half a unit in the last place of tolerance: 83.8 finds the rate that is shown as 83.8%
      && ends.every(([key, low, high]) => (low === null && high === null) || (has(row[key])
        && (low === null || row[key] >= low - (key === "execution_rate" ? 0.0005 : 0)) && (high === null || row[key] <= high + (key === "execution_rate" ? 0.0005 : 0))))
      && (!only || picked.has(row.sheet_id)));
  }
  function ordered(list) {
    if (!sort.key) return list;
    const way = sort.up ? 1 : -1;
    return list.map((row) => [row, sort.key === "ministry" || sort.key === "team" ? english(row[sort.key]) : row[sort.key]]).sort(([, x], [, y]) =>
      !has(x) || !has(y) ? has(y) - has(x) : way * (typeof x === "number" ? x - y : collator.compare(x, y))).map(([row]) => row);
  }

  // -- drawing
  function extend() {
    const words = terms(), part = shown.slice(drawn, drawn + SLICE);
    body.append(...part.map((row) => line(row, words)));
    drawn += part.length;
    const left = shown.length - drawn;
    more.hidden = left === 0;
    more.textContent = say("あと" + number(left, 0) + "件", number(left, 0) + " more");
  }
  function tell() {
    const budgets = shown.map((row) => row.budget_jpy).filter(has), rates = shown.map((row) => row.execution_rate).filter(has).sort((a, b) => a - b);
    const middle = (rates[(rates.length - 1) >> 1] + rates[rates.length >> 1]) / 2, sum = budgets.reduce((a, b) => a + b, 0);
    const of = shown.length === rows.length ? "" : say(number(rows.length, 0) + "件中 ", "");
    const parts = [say(of + number(shown.length, 0) + "件", number(shown.length, 0) + (of !== "" || shown.length !== rows.length ? " of " + number(rows.length, 0) : "") + (rows.length === 1 ? " report" : " reports"))];
    const one_year = new Set(shown.map((row) => row.review_year)).size === 1; // a project stands in several years' reviews
    if (shown.length > 1 && budgets.length && one_year) parts.push(say("予算の計 ", "budgets sum to ") + total(sum));
    if (shown.length > 1 && rates.length) parts.push(say("執行率の中央値 ", "median execution rate ") + rate(middle));
    count.textContent = parts.join(say("・", ", "));
  }
  function draw() {
    shown = ordered(wanted());
    drawn = 0;
    body.textContent = "";
    extend();
    tell();
    document.querySelectorAll("#reports th[data-key]").forEach((th) => {
      if (th.dataset.key === sort.key) th.setAttribute("aria-sort", sort.up ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    });
    remember();
  }
  function choose(id, options) {
    const select = byId(id), before = select.value;
    select.replaceChildren(el("option", { value: "" }, say("すべて", "all")), ...options.map(([value, text]) => el("option", { value }, text)));
    select.value = before;
  }
  function words() {
    const values = (key) => [...new Set(rows.map((row) => row[key]).filter(has))].sort((a, b) => collator.compare(english(a), english(b)));
    const tally = (key, value) => "（" + number(rows.filter((row) => row[key] === value).length, 0) + "）";
    choose("ministry", values("ministry").map((v) => [v, english(v) + tally("ministry", v)]));
    choose("review_year", values("review_year").reverse().map((v) => [String(v), String(v)]));
    choose("team", [...values("team").map((v) => [v, english(v) + tally("team", v)]), ...(rows.some((row) => !row.team) ? [["–", say("記載なし", "none stated")]] : [])]);
    choose("findings", Object.entries(FOUND).map(([value, [a, b]]) => [value, say(a, b)]));
    document.querySelectorAll("[data-ja]").forEach((node) => node.setAttribute("aria-label", node.dataset[root.lang]));
    document.title = document.querySelector("h1 span[lang=" + root.lang + "]").textContent;
    byId("language").textContent = say("English", "日本語");
    byId("language").lang = say("en", "ja");
    form.setAttribute("aria-label", say("報告書をさがす", "Find reports"));
    document.querySelector("th[data-key=budget_jpy] button").querySelectorAll("span").forEach((span) => {
      span.replaceChildren(...(span.lang === "ja" ? ["予算", el("wbr"), "（億円）"] : ["Budget (million yen)"]));
    });
  }

  // -- the address keeps what is asked for, so that a selection can be kept, sent and come back to
  const FIELDS = ["q", ...FILTERS, "rate-min", "rate-max", "size-min", "size-max"];
  function remember() {
    const kept = new URLSearchParams();
    FIELDS.forEach((id) => { if (byId(id).value !== "") kept.set(id, byId(id).value); });
    if (sort.key) kept.set("sort", (sort.up ? "" : "-") + sort.key);
    if (picked.size) kept.set("marked", [...picked].join(","));
    if (byId("picked").checked) kept.set("only", "1");
    if (root.lang !== held_language) kept.set("language", root.lang);
    try { history.replaceState(null, "", kept.size === 0 && !location.hash ? location.href : "#" + kept); } catch { /* some browsers forbid it for files */ }
  }
  const held_language = root.lang;
  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    if (kept.get("language")) root.lang = kept.get("language") === "en" ? "en" : "ja";
    words();
    FIELDS.forEach((id) => { if (kept.has(id)) byId(id).value = kept.get(id); });
    const key = kept.get("sort") || "";
    sort = { key: key.replace(/^-/, ""), up: key[0] !== "-" };
    (kept.get("marked") || "").split(",").filter(Boolean).forEach((id) => picked.add(id));
    byId("picked").checked = kept.has("only");
  }

  // -- hands and keys
  let waiting = 0;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(draw, 80); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(draw));
  byId("language").addEventListener("click", () => {
    const factor = ja() ? 100 : 0.01; // a bound in 億円 stands for a hundred times as many million yen
    root.lang = ja() ? "en" : "ja";
    ["size-min", "size-max"].forEach((id) => { if (byId(id).value !== "") byId(id).value = Number((byId(id).value * factor).toPrecision(12)); });
    words();
    draw();
  });
  document.querySelectorAll("#reports th[data-key]").forEach((th) => th.firstElementChild.addEventListener("click", () => {
    const key = th.dataset.key, down = th.classList.contains("number") || key === "weight"; // the largest first
    sort = { key, up: sort.key === key ? !sort.up : !down };
    draw();
  }));
  more.addEventListener("click", () => {
    const next = drawn;
    extend();
    body.rows[next]?.querySelector("a").focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "/" && !typing) { event.preventDefault(); byId("q").focus(); return; }
    const down = event.key === "ArrowDown", here = event.target.closest("#reports tbody tr");
    if (down && event.target.id === "q") { event.preventDefault(); body.rows[0]?.querySelector("a").focus(); return; }
    if (!here || !(down || event.key === "ArrowUp")) return;
    event.preventDefault();
    if (down && !here.nextElementSibling && drawn < shown.length) extend();
    const next = down ? here.nextElementSibling : here.previousElementSibling;
    if (!next) { if (!down) byId("q").focus(); return; }
    (next.querySelector(event.target.type === "checkbox" ? "input" : "td.name a")).focus();
  });
  if ("IntersectionObserver" in window) new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting) && drawn < shown.length) extend();
  }, { rootMargin: "600px" }).observe(more);
  window.addEventListener("beforeprint", () => { while (drawn < shown.length) extend(); });
  window.addEventListener("hashchange", () => { recall(); draw(); });
  recall();
  if (window.matchMedia("(max-width: 40rem)").matches && !location.hash) form.querySelector("details").open = false;
  draw();
})();
