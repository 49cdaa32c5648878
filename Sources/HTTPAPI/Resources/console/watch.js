// Asks after images that are being indexed until they are.

import { api } from "./api.js";
import { grid } from "./grid.js";

const AT_ONCE = 100;
const FIRST_DELAY = 700;
const LONGEST_DELAY = 6000;

const waiting = new Set();
const listeners = new Set();
let timer = null;
let delay = FIRST_DELAY;

export const watch = {
  get size() { return waiting.size; },

  /** Asks after an image, if its indexing is under way. */
  add(image) {
    if (image.indexing_status !== 1 || waiting.has(image.image_id)) return;
    waiting.add(image.image_id);
    delay = FIRST_DELAY;
    schedule();
  },

  /** @param listener is given each image that has changed, or null when only their number has. */
  onChange: (listener) => listeners.add(listener),

  stop() {
    clearTimeout(timer);
    timer = null;
    waiting.clear();
  },
};

function schedule() {
  timer ??= setTimeout(ask, document.hidden ? LONGEST_DELAY : delay);
}

async function ask() {
  const ids = [...waiting].slice(0, AT_ONCE);
  try {
    const { results } = await api.list([["ids", ids.join(",")], ["limit", String(ids.length)]]);
    const there = new Map(results.map((image) => [image.image_id, image]));
    let settled = 0;
    for (const id of ids) {
      const image = there.get(id);
      if (image?.indexing_status === 1) continue;
      waiting.delete(id);
      settled += 1;
      if (image) grid.update(image);
      for (const listener of listeners) listener(image ?? null);
    }
    delay = settled > 0 ? FIRST_DELAY : Math.min(delay * 1.5, LONGEST_DELAY);
  } catch (error) {
    if (error.status === 401) return watch.stop();
    delay = LONGEST_DELAY;
  }
  timer = null;
  if (waiting.size > 0) schedule();
}

grid.events.addEventListener("change", () => {
  for (const id of grid.ids) watch.add(grid.image(id));
});
