"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = id => document.getElementById(id);
  // Columns are texts: for each model a number of so many digits, in base 36.
  const at = (text, place, width = 2) => parseInt(text.slice(place * width, (place + 1) * width), 36);

  const state = {
    lang: data.language || ((navigator.languages || [navigator.language]).map(name => String(name).slice(0, 2))
      .find(name => name in data.words) || "en"),
    device: data.devices[0].id, context: null, sort: "best", type: "", license: "", language: "", words: "",
    fits: false,
  };

  // What was chosen stands in the address, so that it can be passed on.
  const read = () => {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
      if (!(name in state)) continue;
      state[name] = name === "fits" ? value === "true" : name === "context" ? Number(value) : value;
    }
    if (!(state.lang in data.words)) state.lang = "en";
    if (!data.devices.some(device => device.id === state.device)) state.device = data.devices[0].id;
    if (!data.contexts.includes(state.context)) state.context = null;
  };
  const write = () => {
    const chosen = Object.entries(state).filter(([, value]) => value !== "" && value !== null && value !== false);
    try { history.replaceState(null, "", "#" + new URLSearchParams(chosen)); } catch { /* a file may not have one */ }
  };

  // Words and numbers.

  const word = key => data.words[state.lang][key] ?? key;
  const fill = (key, values) => word(key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const number = (value, digits) => new Intl.NumberFormat(
    state.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: "always" }).format(value);
  const memory = bytes => number(bytes / 1e9, 1) + " GB";
  const size = bytes => bytes >= 0.9995e9 ? memory(bytes) : bytes >= 0.9995e6 ? number(bytes / 1e6, 0) + " MB"
    : number(bytes / 1e3, 0) + " kB";
  const weights = count => count / 1e6 < 999.5 ? number(count / 1e6, 0) + " M" : number(count / 1e9, 1) + " B";
  const rate = ([low, high, digits]) => {
    const [from, to] = [number(low, digits), number(high, digits)];
    return (from === to ? from : from + "–" + to) + " tok/s";
  };
  const languageName = code => {
    try { return new Intl.DisplayNames(state.lang, { type: "language" }).of(code); } catch { return code; }
  };

  // Elements. Text is never taken for markup.

  const make = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    if (text !== undefined && text !== null) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const link = (text, address) =>
    /^https?:\/\//.test(address) ? make("a", text, { href: address, rel: "noreferrer" }) : make("span", text);
  const options = (select, list, chosen) => {
    select.replaceChildren(...list.map(([value, text]) => make("option", text, { value })));
    select.value = chosen;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  };

  // What the estimator said.

  const device = () => data.devices.find(device => device.id === state.device);
  const step = () => {
    const chosen = data.contexts.indexOf(state.context);
    return chosen < 0 ? device().context : chosen;
  };
  const rowAt = (place, step, machine = device()) => {
    const model = data.models[place];
    const [form, verdict, room, bytes] = model.outcomes[step][at(data.columns[machine.columns[step]], place)];
    const speed = data.rates[at(data.columns[machine.speeds[step]], place, 3)];
    return {
      model, place, form: model.forms[form], verdict: data.verdicts[verdict], bytes, room: machine.rooms[room], speed,
    };
  };
  const isYes = row => row.verdict === "fits" || row.verdict === "tight";
  const isBeyond = row => row.model.context > 0 && row.model.context < data.contexts[step()];

  const sorted = rows => {
    const by = key => rows.sort((left, right) => key(left) - key(right));
    switch (state.sort) {
      case "name": return rows.sort((left, right) => left.model.name < right.model.name ? -1 : 1);
      case "size": return by(row => row.form.bytes ?? Infinity);
      case "needs": return by(row => row.bytes ?? Infinity);
      case "speed": return by(row => -(row.speed ? row.speed[1] : 0));
      case "date": return rows.sort((left, right) => left.model.released < right.model.released ? 1 : -1);
      default: {
        const order = data.columns[device().orders[step()]];
        const places = new Map(data.models.map((_, index) => [at(order, index), index]));
        by(row => places.get(row.place));
        // What was made for shorter texts stands behind.
        return [...rows.filter(row => !isBeyond(row)), ...rows.filter(isBeyond)];
      }
    }
  };
  const chosen = () => {
    const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = data.models.map((_, place) => rowAt(place, step())).filter(row => {
      const model = row.model;
      const text = [model.name, model.title, model.developer].join(" ").toLowerCase();
      const license = data.licenses[model.license];
      return (!state.fits || isYes(row)) && (!state.type || model.group === state.type)
        && (!state.license || license.use === "yes" || state.license === "restricted" && license.use === "restricted")
        && (!state.language || model.languages.includes(state.language)) && words.every(word => text.includes(word));
    });
    return sorted(rows);
  };

  // A model.

  const marks = { fits: "✓", tight: "◐", partial: "◐", "too-large": "✗", "cannot-run": "✗", unknown: "?" };
  const verdictText = verdict => marks[verdict] + " " + word("verdict." + verdict);
  const fact = (name, value) => {
    const span = make("span", name ? name + " " : "");
    span.append(make("strong", value));
    return span;
  };
  const width = row => row.bytes === null || !row.room ? 0 : Math.min(100, row.bytes / row.room * 100);

  const item = row => {
    const { model, form } = row;
    const element = find("model").content.firstElementChild.cloneNode(true);
    const part = name => element.querySelector(name);
    part("h3").textContent = model.name;
    const verdict = part(".verdict");
    verdict.textContent = verdictText(row.verdict);
    verdict.classList.add(row.verdict);
    const about = [model.title, model.developer, word("type." + model.type)];
    if (model.parameters) about.push(weights(model.parameters));
    if (model.released) about.push(model.released.slice(0, 7));
    if (model.thinking) about.push(fill("thinks", { when: word("thinking." + model.thinking) }));
    part(".about").textContent = about.filter(Boolean).join(" · ");
    const track = part(".track");
    track.classList.add(row.verdict);
    track.firstElementChild.style.width = width(row) + "%";
    const facts = part(".facts");
    if (row.bytes !== null) {
      facts.append(fact(word("needs"), row.room
        ? fill("of", { part: memory(row.bytes), whole: memory(row.room) }) : memory(row.bytes)));
    }
    if (form.bytes) facts.append(fact(word("file"), (form.isEstimate ? "~" : "") + size(form.bytes) + " · " + form.quant));
    if (row.speed) facts.append(fact("", rate(row.speed)));
    facts.append(fact("", data.licenses[model.license].short[state.lang]));
    if (isBeyond(row)) {
      facts.append(make("span", fill("beyond", { tokens: number(model.context, 0) }), { class: "tight" }));
    }
    const details = part("details");
    part("summary").textContent = fill("how", { model: model.name });
    details.addEventListener("toggle", () => {
      const more = part(".more");
      if (details.open && !more.hasChildNodes()) more.append(...explanation(row));
    });
    return element;
  };

  const explanation = row => {
    const { model, form } = row;
    const text = make("div", null, { class: "text" });
    const commands = ["slm get " + form.ref];
    if (device().isPhone) commands.push("slm share " + form.ref);
    for (const command of commands) text.append(copyable(command));
    const license = data.licenses[model.license];
    const terms = make("p", word("licence") + ": ");
    terms.append(link(license.name, license.url || ""), " – " + word("use." + license.use));
    text.append(terms);
    for (const file of form.files) {
      const line = make("p");
      line.append(link(file.name, file.url), file.bytes ? " · " + size(file.bytes) : "");
      text.append(line);
    }
    if (model.page) {
      const line = make("p");
      line.append(link(word("page"), model.page));
      text.append(line);
    }
    text.append(contexts(row));
    return form.code ? [text, picture(form)] : [text];
  };

  const contexts = row => {
    const table = make("table");
    table.append(make("caption", fill("overContext", { device: device().names[state.lang] })));
    const body = make("tbody");
    data.contexts.forEach((tokens, step) => {
      const other = rowAt(row.place, step);
      const line = make("tr");
      const verdict = make("td", verdictText(other.verdict), { class: other.verdict });
      line.append(make("th", number(tokens, 0), { scope: "row" }),
        make("td", other.bytes === null ? "–" : memory(other.bytes)), verdict);
      body.append(line);
    });
    table.append(body);
    return table;
  };

  const copyable = command => {
    const line = make("p", null, { class: "command" });
    const code = make("code", command);
    const button = make("button", word("copy"), { type: "button", "aria-label": word("copy") + ": " + command });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command);
      } catch {
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      button.textContent = word("copied");
      find("notice").textContent = word("copied") + ": " + command;
    });
    line.append(code, button);
    return line;
  };

  // A code was drawn when the page was made: rows of bits, from the upper left.
  const picture = form => {
    const bits = Uint8Array.from(atob(form.code), letter => letter.charCodeAt(0));
    const side = form.side, margin = 4;
    let path = "";
    for (let index = 0; index < side * side; index++) {
      if (bits[index >> 3] & 128 >> (index & 7)) {
        path += "M" + (index % side + margin) + " " + (Math.floor(index / side) + margin) + "h1v1h-1z";
      }
    }
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${side + 2 * margin} ${side + 2 * margin}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("shape-rendering", "crispEdges");
    svg.setAttribute("aria-label", fill("code", { file: form.files[0].name }));
    const drawing = document.createElementNS("http://www.w3.org/2000/svg", "path");
    drawing.setAttribute("d", path);
    svg.append(drawing);
    const figure = make("figure");
    figure.append(svg, make("figcaption", fill("code", { file: form.files[0].name })));
    return figure;
  };

  // All of it.

  const labels = () => {
    document.documentElement.lang = state.lang;
    document.title = word("title");
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
    for (const element of document.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", word(element.dataset.label));
    }
    for (const lang of ["en", "es"]) find(lang).setAttribute("aria-pressed", String(lang === state.lang));
    const groups = new Map();
    for (const device of data.devices) {
      if (!groups.has(device.kind)) groups.set(device.kind, make("optgroup", null, { label: word("kind." + device.kind) }));
      groups.get(device.kind).append(make("option", device.names[state.lang], { value: device.id }));
    }
    find("device").replaceChildren(...groups.values());
    find("device").value = state.device;
    options(find("sort"), ["best", "name", "size", "needs", "speed", "date"].map(key => [key, word("sort." + key)]), state.sort);
    options(find("type"), [["", word("any")], ...data.groups.map(key => [key, word("type." + key)])], state.type);
    options(find("license"), ["", "yes", "restricted"].map(key => [key, word(key ? "license." + key : "any")]), state.license);
    const known = [...new Set(data.models.flatMap(model => model.languages))].map(code => [code, languageName(code)]);
    known.sort((left, right) => left[1].localeCompare(right[1], state.lang));
    options(find("language"), [["", word("any")], ...known], state.language);
    find("words").value = state.words;
    find("fits").checked = state.fits;
  };

  const draw = () => {
    const machine = device(), tokens = number(data.contexts[step()], 0);
    const slider = find("context");
    slider.max = String(data.contexts.length - 1);
    slider.value = String(step());
    slider.setAttribute("aria-valuetext", fill("tokens", { tokens }));
    find("contextText").textContent = fill("tokens", { tokens });
    const [own, card] = machine.rooms;
    const room = own === null ? "" : fill(machine.isPhone ? "roomOfApp" : "room", { memory: memory(own) });
    find("room").textContent = room + (card ? " " + fill("roomOnCard", { memory: memory(card) }) : "");
    const rows = chosen();
    find("summary").textContent = fill("summary", { fitting: number(rows.filter(isYes).length, 0), all: number(rows.length, 0) });
    find("notice").textContent = find("summary").textContent;
    find("models").replaceChildren(...rows.map(item));
    write();
  };

  const change = (id, name, read) => find(id).addEventListener("input", event => {
    state[name] = read(event.target);
    draw();
  });
  change("context", "context", target => data.contexts[Number(target.value)]);
  change("device", "device", target => target.value);
  for (const name of ["sort", "type", "license", "language", "words"]) change(name, name, target => target.value);
  change("fits", "fits", target => target.checked);
  for (const lang of ["en", "es"]) find(lang).addEventListener("click", () => {
    state.lang = lang;
    labels();
    draw();
  });
  find("choices").addEventListener("submit", event => event.preventDefault());
  addEventListener("hashchange", () => { read(); labels(); draw(); });
  // On a phone they would fill the first screen.
  find("filters").open = matchMedia("(min-width: 40rem)").matches;
  find("contexts").replaceChildren(...data.contexts.map((_, index) => make("option", null, { value: index })));
  read();
  labels();
  draw();
})();
