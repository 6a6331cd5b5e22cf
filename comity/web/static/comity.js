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
for (const link of document.querySelectorAll(".nav a")) {
  if (window.location.pathname.startsWith(link.pathname) && (!best || link.pathname.length > best.pathname.length)) best = link;
}
if (best) best.setAttribute("aria-current", "page");

// A long conversation opens at its end.
if (document.querySelector(".thread") && !window.location.hash) {
  const bubbles = document.querySelectorAll(".bubble");
  if (bubbles.length > 3) bubbles[bubbles.length - 1].scrollIntoView({ block: "center" });
}

// A draft survives a closed tab.
for (const box of document.querySelectorAll("textarea[name=text]")) {
  const key = "draft:" + window.location.pathname;
  if (!box.value) box.value = sessionStorage.getItem(key) || "";
  box.addEventListener("input", () => sessionStorage.setItem(key, box.value));
  box.form.addEventListener("submit", () => sessionStorage.removeItem(key));
}

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
    if (event.key === "/") { event.preventDefault(); document.querySelector("input[type=search]").focus(); return; }
    if (!rows.length) return;
    if (event.key === "j" || event.key === "k") {
      here = Math.max(0, Math.min(rows.length - 1, here + (event.key === "j" ? 1 : -1)));
      for (const row of rows) row.classList.toggle("here", row === rows[here]);
      rows[here].querySelector("a").focus();
    } else if (event.key === "x" && here >= 0) {
      const box = rows[here].querySelector("input");
      box.checked = !box.checked;
    }
  });
}

// Parts that move: asked for again, and put in place only if they changed. Events, where there are any, say when.
for (const part of document.querySelectorAll("[data-live]")) {
  let etag = part.dataset.etag, shown = part.innerHTML, asking = false, wait = part.dataset.events ? 60000 : 5000;
  const ask = async () => {
    if (asking || document.hidden || part.contains(document.querySelector("details[open]"))) return;
    asking = true;
    try {
      const answer = await fetch(window.location.href, { headers: { "X-Comity-Part": "1", "If-None-Match": etag }, redirect: "error" });
      if (answer.status === 200) {
        const html = await answer.text();
        etag = answer.headers.get("ETag");
        if (html !== shown) {
          const before = part.querySelectorAll("li").length;
          const ticked = new Set([...part.querySelectorAll("input:checked")].map((box) => box.value));
          const focus = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
          part.innerHTML = shown = html;
          if (window.htmx) window.htmx.process(part);
          for (const box of part.querySelectorAll("input[type=checkbox]")) box.checked = ticked.has(box.value);
          if (focus) part.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus();
          if (part.querySelectorAll("li").length > before) document.getElementById("news").textContent = part.dataset.news;
        }
      }
    } catch { wait = Math.min(wait * 2, 120000); } finally { asking = false; }
  };
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
