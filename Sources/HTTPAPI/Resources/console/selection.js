// The images ticked in the grid, and what can be done with them together.

import { api } from "./api.js";
import { $, button, el, fill } from "./dom.js";
import { counted } from "./format.js";
import { grid } from "./grid.js";
import { confirm, copyAndTell, explain, toast } from "./notices.js";
import { view } from "./view.js";

/** As many as one request may delete. */
const BATCH = 1000;

const bar = $("selection");
const list = $("images");
const chosen = new Set();
let anchor = null;

function draw() {
  for (const id of grid.ids) {
    const card = grid.card(id);
    card.classList.toggle("chosen", chosen.has(id));
    card.querySelector(".pick input").checked = chosen.has(id);
  }
  document.body.classList.toggle("selecting", chosen.size > 0);
  bar.hidden = chosen.size === 0;
  if (bar.hidden) return fill(bar);
  fill(bar,
    el("strong", { role: "status" }, `${counted(chosen.size, "image")} selected`),
    chosen.size < grid.ids.length && button("Select all shown", { onclick: selection.all }),
    chosen.size === 1 && button("More like this", { symbol: "similar", onclick: () => selection.similar() }),
    button("Copy ids", { symbol: "copy", onclick: () => copyAndTell([...chosen].join("\n"), "Ids") }),
    button("Delete", { symbol: "trash", kind: "danger-quiet", onclick: selection.delete }),
    button("", { symbol: "close", kind: "quiet", label: "Clear the selection (Esc)", onclick: selection.clear }));
}

export const selection = {
  get ids() { return [...chosen]; },
  get isEmpty() { return chosen.size === 0; },

  toggle(id, { through = false } = {}) {
    const ids = grid.ids;
    const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((a, b) => a - b);
    if (through && from >= 0) for (const between of ids.slice(from, to + 1)) chosen.add(between);
    else if (!chosen.delete(id)) chosen.add(id);
    anchor = id;
    draw();
  },

  all() {
    for (const id of grid.ids) chosen.add(id);
    draw();
  },

  clear() {
    const focused = bar.contains(document.activeElement);
    chosen.clear();
    draw();
    if (focused) list.focus({ preventScroll: true });
  },

  similar() {
    const [id] = chosen;
    selection.clear();
    view.change({ query: "", example: { id } });
  },

  delete: () => deleteImages(selection.ids),
};

/** Deletes images once their owner has said so. Answers whether they are gone. */
export async function deleteImages(ids) {
  const what = ids.length === 1 ? "this image" : counted(ids.length, "image");
  if (!await confirm(`Delete ${what}?`, "The bytes, the metadata and what search knows of them are gone for good.")) return false;
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    try {
      await api.delete(batch);
    } catch (error) {
      toast(explain(error), { kind: "danger", seconds: 10 });
      return false;
    }
    for (const id of batch) chosen.delete(id);
    grid.remove(batch);
  }
  draw();
  toast(`${counted(ids.length, "image")} deleted`);
  return true;
}

list.addEventListener("click", (event) => {
  const pick = event.target.closest(".pick");
  if (!pick) return;
  // A label sends a second click to its box; that one counts, and the box is set by `draw`.
  if (event.target.tagName !== "INPUT") {
    if (event.shiftKey) event.preventDefault();
    else return;
  }
  selection.toggle(pick.closest(".card").dataset.id, { through: event.shiftKey });
});

grid.events.addEventListener("reset", () => {
  chosen.clear();
  anchor = null;
  draw();
});
