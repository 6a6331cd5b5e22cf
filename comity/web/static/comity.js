// What pages gain with JavaScript; without it everything still works.
"use strict";

// A look before sending: remarks stand above the button, and the next click sends. Without an answer it is sent.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.look || form.dataset.lookedAt === form.elements.text.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.looking) return;
  form.dataset.looking = "1";
  const text = form.elements.text.value, button = form.querySelector("[data-anyway]"), place = form.querySelector("#remarks");
  let found = "";
  try {
    const body = new URLSearchParams({ text, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const answer = await fetch(form.dataset.look, { method: "POST", body, redirect: "error" });
    if (answer.ok) found = (await answer.text()).trim();
  } catch { /* sent all the same */ }
  delete form.dataset.looking;
  form.dataset.lookedAt = text;
  if (!form.elements.looked) form.insertAdjacentHTML("afterbegin", '<input type="hidden" name="looked" value="1">');
  place.innerHTML = found;
  if (!found) { form.requestSubmit(); return; }
  button.dataset.plain ||= button.textContent;
  button.textContent = button.dataset.anyway;
  form.elements.text.addEventListener("input", () => { button.textContent = button.dataset.plain; place.innerHTML = ""; }, { once: true });
}, true);  // before others hear of it: a draft is let go only when it is really sent

// A double click is one request: a form that is on its way cannot be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button) setTimeout(() => { button.disabled = true; }, 0);
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

// "Why?" opens beside the page instead of leaving it.
document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = document.getElementById("why");
  if (event.detail.target.id === "why-body" && !dialog.open) dialog.showModal();
});
// A session that ended meanwhile, or an error: follow the link as a plain page.
document.addEventListener("htmx:responseError", (event) => {
  const link = event.detail.elt.getAttribute("href");
  if (link) window.location.assign(link);
});

// Which part of the workspace is this?
let best = null;
const here = document.querySelector(".nav")?.dataset.here || window.location.pathname;
for (const link of document.querySelectorAll(".nav a")) {
  if (here.startsWith(link.pathname) && (!best || link.pathname.length > best.pathname.length)) best = link;
}
if (best) {
  best.setAttribute("aria-current", "page");
  // On a phone the entries are wider than the screen: the current one is brought into sight, and only sideways.
  const nav = best.closest(".nav");
  const [around, own] = [nav.getBoundingClientRect(), best.getBoundingClientRect()];
  if (own.left < around.left || own.right > around.right) {
    nav.scrollLeft += own.left + own.width / 2 - around.left - around.width / 2;
  }
}

// A long conversation opens at its end.
if (document.querySelector(".thread") && !window.location.hash) {
  const bubbles = document.querySelectorAll(".bubble");
  if (bubbles.length > 3) bubbles[bubbles.length - 1].scrollIntoView({ block: "center" });
}

// A draft survives a closed tab.
const drafts = (root) => {
  for (const box of root.querySelectorAll("textarea[name=text]")) {
    const key = "draft:" + (box.form.getAttribute("action") || window.location.pathname);
    if (!box.value) box.value = sessionStorage.getItem(key) || "";
    box.addEventListener("input", () => sessionStorage.setItem(key, box.value));
    box.form.addEventListener("submit", () => sessionStorage.removeItem(key));
  }
};
drafts(document);

// Control or command and Enter sends.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) event.target.form.requestSubmit();
});

// A saved answer goes into the reply, where it can still be changed.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const box = document.querySelector("#reply textarea");
  if (!button || !box) return;
  box.value = (box.value.trim() ? box.value.trimEnd() + "\n\n" : "") + button.dataset.insert;
  if ("drafted" in button.dataset && !box.form.elements.drafted) box.form.insertAdjacentHTML("afterbegin", '<input type="hidden" name="drafted" value="1">');
  box.dispatchEvent(new Event("input"));
  box.focus();
});

// The inbox by keyboard: j and k, x, Enter, /.
const queue = document.getElementById("queue");
if (queue) {
  let here = -1;
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=checkbox]), textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = queue.querySelectorAll("li:not(.empty)");
    if (event.key === "/") { const search = document.querySelector("input[type=search]"); if (search) { event.preventDefault(); search.focus(); } return; }
    if (!rows.length) return;
    if (event.key === "j" || event.key === "k") {
      here = Math.max(0, Math.min(rows.length - 1, here + (event.key === "j" ? 1 : -1)));
      for (const row of rows) row.classList.toggle("here", row === rows[here]);
      rows[here].querySelector("a").focus();
    } else if (event.key === "x" && here >= 0) {
      const box = rows[here].querySelector("input");
      if (box) box.checked = !box.checked;
    }
  });
}

// A dispute by keyboard: r begins with what can be done, j and k go through it.
const acts = () => [...document.querySelectorAll(".acts .solid h3, .acts summary")].filter((each) => each.getClientRects().length);
if (document.getElementById("case")) {
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = acts();
    if (!all.length || !["r", "j", "k"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "r") {
      const form = document.querySelector(".acts .solid form") || all[0].closest("details");
      if (form.matches("details")) form.open = true;
      form.querySelector("textarea, select, input:not([type=hidden]), button").focus();
      return;
    }
    const here = all.findIndex((each) => each === document.activeElement || each.parentElement.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(all.length - 1, here + (event.key === "j" ? 1 : -1)))];
    if (next.matches("h3")) next.tabIndex = -1;
    next.focus();
  });
}

// What somebody has begun to fill in.
const filled = (field) => {
  if (field.type === "hidden" || !field.name) return false;
  if (field.type === "file") return field.files.length > 0;
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected));
  return field.matches("input, textarea") && field.value !== field.defaultValue;
};
const fieldsOf = (part) => [...part.querySelectorAll("form")].flatMap((form, at) => [...form.elements].map((field, place) => ({ field, name: [form.getAttribute("action") || at, field.name, field.matches("[type=checkbox], [type=radio]") ? field.value : "", field.name ? "" : place].join(" ") })));

// Parts that move: asked for again, and put in place only if they changed. Events, where there are any, say when.
// Where a page can say that something is new, a part in which somebody writes or reads closely is left as it is.
for (const part of document.querySelectorAll("[data-live]")) {
  const fresh = document.querySelector("[data-fresh]");
  let etag = part.dataset.etag, shown = part.innerHTML, asking = false, wait = part.dataset.events ? 60000 : 5000, waiting = "";
  const opened = () => part.contains(document.querySelector("details[open]"));
  const isHeld = () => {
    const at = document.activeElement;
    return !!part.querySelector("details[open], .wrong") || (part.contains(at) && !at.matches("a")) || fieldsOf(part).some(({ field }) => filled(field));
  };
  const versionIn = (root) => root.querySelector("[data-version]")?.dataset.version;
  const put = (html) => {
    const before = part.querySelectorAll("li").length, version = versionIn(part);
    const ticked = new Set([...part.querySelectorAll("input:checked")].map((box) => box.value));
    const focus = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const written = fresh ? new Map(fieldsOf(part).filter(({ field }) => filled(field)).map(({ field, name }) => [name, field])) : new Map();
    part.innerHTML = shown = html;
    if (window.htmx) window.htmx.process(part);
    if (fresh) {
      for (const { field, name } of fieldsOf(part)) {
        const was = written.get(name);
        if (!was) continue;
        if (field.type === "file") field.files = was.files;
        else if (field.matches("[type=checkbox], [type=radio]")) field.checked = was.checked;
        else field.value = was.value;
        field.closest("details")?.setAttribute("open", "");
      }
      drafts(part);
      fresh.hidden = true;
    } else for (const box of part.querySelectorAll("input[type=checkbox]")) box.checked = ticked.has(box.value);
    if (focus) part.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus();
    if (part.querySelectorAll("li").length > before || versionIn(part) !== version) document.getElementById("news").textContent = part.dataset.news;
    waiting = "";
  };
  const ask = async () => {
    if (asking || document.hidden || (!fresh && opened())) return;
    if (waiting && !isHeld()) put(waiting);
    asking = true;
    try {
      const answer = await fetch(part.dataset.from || window.location.href, { headers: { "X-Comity-Part": "1", "If-None-Match": etag }, redirect: "error" });
      if (answer.status === 200) {
        const html = await answer.text();
        etag = answer.headers.get("ETag");
        if (fresh && isHeld()) {
          waiting = html;
          if (versionIn(new DOMParser().parseFromString(html, "text/html")) !== versionIn(part)) {
            fresh.hidden = false;
            document.getElementById("news").textContent = part.dataset.news;
          }
        } else if (html !== shown) put(html);
      }
    } catch { wait = Math.min(wait * 2, 120000); } finally { asking = false; }
  };
  if (fresh) fresh.querySelector("button").addEventListener("click", () => { if (waiting) put(waiting); });
  const again = () => setTimeout(async () => { await ask(); again(); }, wait);
  again();
  document.addEventListener("visibilitychange", ask);
  if (part.dataset.events) {
    const events = new EventSource(part.dataset.events);
    events.addEventListener("changed", ask);
    events.onopen = () => { wait = 60000; };
    events.onerror = () => { wait = 5000; };
  }
}
