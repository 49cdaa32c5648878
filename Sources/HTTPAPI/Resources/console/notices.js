// What the page tells: passing toasts, a notice above the images, and questions.

import { $, button, copy, el, fill, icon } from "./dom.js";

const toasts = $("toasts");
const notice = $("notice");
const modal = $("modal");

/** Shows a line for some seconds. @param action `{text, run}`: something to do about it. */
export function toast(text, { kind = "", action, seconds = 5 } = {}) {
  const remove = () => node.remove();
  const node = el("div", { class: `toast ${kind}` },
    kind === "danger" && icon("warning"), el("span", {}, text),
    action && el("button", { type: "button", class: "link", onclick: () => { remove(); action.run(); } }, action.text),
    button("", { symbol: "close", kind: "quiet", label: "Dismiss", onclick: remove }));
  // An open dialog is above everything else, so what is told meanwhile goes into it.
  (document.querySelector("dialog[open] .dialog-toasts") ?? toasts).append(node);
  let timer;
  const wait = () => { timer = setTimeout(remove, seconds * 1000 + (action ? 3000 : 0)); };
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", wait);
  wait();
}

/** Copies a text and says so. */
export async function copyAndTell(text, what) {
  if (await copy(text)) toast(`${what} copied`, { seconds: 2 });
  else toast("The browser does not let this page copy", { kind: "danger" });
}

/** An error as one sentence, with what to name when asking for help. */
export function explain(error) {
  // A sentence may begin with a parameter's name, which has no capitals.
  const text = error.message.replace(/^[a-z]+(?= )/, (word) => word.charAt(0).toUpperCase() + word.slice(1)).replace(/[.\s]*$/, ".");
  return error.requestID && error.status >= 500 ? `${text} Its log names the request ${error.requestID}.` : text;
}

/** Says above the images what went wrong, until something else is shown. */
export function showNotice(error, retry) {
  fill(notice, icon("warning"), el("p", {}, explain(error)),
    retry && error.mayPass && button("Try again", { symbol: "refresh", onclick: retry }));
  notice.hidden = false;
}

export function hideNotice() { notice.hidden = true; }

/** Opens the small dialog with a heading, content and buttons; closed again by Escape or a click beside it. */
export function openModal(heading, content, buttons, kind = "") {
  const title = el("h2", { id: "modal-title" }, heading);
  fill(modal,
    el("header", {}, title, button("", { symbol: "close", kind: "quiet", label: "Close", onclick: () => modal.close() })),
    el("div", { class: "modal-body" }, content), buttons && el("footer", {}, buttons), el("div", { class: "dialog-toasts" }));
  modal.className = `modal ${kind}`;
  modal.setAttribute("aria-labelledby", "modal-title");
  modal.returnValue = "";
  modal.showModal();
  return modal;
}

/** Asks before something that can't be undone. */
export function confirm(heading, text, { yes = "Delete", kind = "danger" } = {}) {
  return new Promise((resolve) => {
    const decide = (answer) => () => modal.close(answer);
    openModal(heading, el("p", {}, text), [
      button("Cancel", { onclick: decide("") }), button(yes, { kind, onclick: decide("yes"), autofocus: true }),
    ]);
    modal.addEventListener("close", () => resolve(modal.returnValue === "yes"), { once: true });
  });
}

/** Lets a click beside a dialog close it. */
export function closesBeside(dialog, close = () => dialog.close()) {
  let began = false; // A text selected in the dialog may end beside it.
  dialog.addEventListener("pointerdown", (event) => { began = event.target === dialog; });
  dialog.addEventListener("click", (event) => { if (began && event.target === dialog) close(); });
}
closesBeside(modal);
