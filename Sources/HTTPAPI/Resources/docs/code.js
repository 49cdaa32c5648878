// Blocks of code: coloured where they are JSON, with tabs where there are several, each with a button that copies it.

import { copy, el, fill, icon } from "../console/dom.js";

const JSON_TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function coloured(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(JSON_TOKEN)) {
    nodes.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [all, string, colon] = match;
    if (string && colon) nodes.push(el("span", { class: "key" }, string), colon);
    else nodes.push(el("span", { class: string ? "string" : "literal" }, all));
  }
  return [...nodes, text.slice(end)];
}

const announce = (text) => { document.getElementById("announcement").textContent = text; };

function copyButton(text) {
  const button = el("button", { type: "button", class: "button quiet square copy", "aria-label": "Copy", title: "Copy" }, icon("copy"));
  button.addEventListener("click", async () => {
    const done = await copy(text());
    announce(done ? "Copied" : "The browser does not let this page copy");
    if (!done) return;
    fill(button, icon("check"));
    setTimeout(() => fill(button, icon("copy")), 1500);
  });
  return button;
}

/** @param samples `[{label, text, isJSON}]`. The tab someone chooses is chosen wherever there is one of its name. */
export function codeBlock(heading, samples) {
  let shown = samples.find(({ label }) => label === localLabel()) ?? samples[0];
  const pre = el("pre", { tabindex: "0" });
  const tabs = samples.length < 2 ? [] : samples.map((sample) =>
    el("button", { type: "button", class: "tab", "data-label": sample.label, onclick: () => choose(sample) }, sample.label));
  const show = (sample) => {
    shown = sample;
    fill(pre, sample.isJSON ? coloured(sample.text) : sample.text);
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.label === sample.label));
  };
  const block = el("figure", { class: "code" },
    el("figcaption", {}, el("span", { class: "title" }, heading), tabs, copyButton(() => shown.text)), pre);
  block.addEventListener("choose", (event) => {
    const sample = samples.find(({ label }) => label === event.detail);
    if (sample) show(sample);
  });
  show(shown);
  return block;
}

const NAME = "imago.docs.language";
const localLabel = () => { try { return localStorage.getItem(NAME); } catch { return null; } };

function choose({ label }) {
  try { localStorage.setItem(NAME, label); } catch { /* then for this page only */ }
  const before = document.activeElement?.getBoundingClientRect().top;
  for (const block of document.querySelectorAll("figure.code")) block.dispatchEvent(new CustomEvent("choose", { detail: label }));
  // Blocks above may have changed their height; what was clicked stays where it was.
  if (before !== undefined) scrollBy({ top: document.activeElement.getBoundingClientRect().top - before, behavior: "instant" });
}

export const asJSON = (value) => JSON.stringify(value, null, 2);
