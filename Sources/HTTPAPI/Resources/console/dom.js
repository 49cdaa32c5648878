// Makes elements. What comes from outside enters the page as text or as an attribute's value, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** The element of that id. */
export const $ = (id) => document.getElementById(id);

/**
 * Makes an element. `onclick` and the like are listeners, `class` the class list, values that are no strings are
 * properties where there is one, and everything else is an attribute; null, undefined and false leave it out.
 */
export function el(name, options = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (typeof value !== "string" && key in node) node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...present(children));
  return node;
}

/** Takes the place of what an element holds. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

/** One of the page's symbols. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button with an icon, a text, or both; one without text needs a label. */
export function button(text, { symbol, kind = "", label, ...options } = {}) {
  const square = text === "" ? " square" : "";
  return el("button", {
    type: "button", class: `button ${kind}${square}`, "aria-label": label, title: label, ...options,
  }, symbol && icon(symbol), text);
}

/** Calls `action` once calls have stopped for some milliseconds. */
export function settled(milliseconds, action) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}

/** Puts a text on the clipboard, in plain HTTP too, where browsers keep the modern way to themselves. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = el("textarea", { class: "visually-hidden", readonly: true, "aria-hidden": "true" });
    field.value = text;
    const place = document.querySelector("dialog[open]") ?? document.body;
    place.append(field);
    const before = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus?.();
    return done;
  }
}

/** Whether what someone types belongs to this element. */
export const isTyping = (node) =>
  node instanceof HTMLElement && (node.isContentEditable || node.matches("textarea, select, input:not([type=checkbox], [type=range])"));
