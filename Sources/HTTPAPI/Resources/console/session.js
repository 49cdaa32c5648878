// The API key: kept for the tab, and for the browser where its owner says so.

const NAME = "imago.key";
const stores = [() => sessionStorage, () => localStorage];

function attempt(action) {
  try { return action(); } catch { return null; } // Storage may be forbidden; then the key lives as long as the page.
}

let held = null;

export const session = {
  get key() {
    if (held !== null) return held;
    for (const store of stores) {
      const key = attempt(() => store().getItem(NAME));
      if (key) return (held = key);
    }
    return null;
  },

  start(key, remember) {
    held = key;
    attempt(() => sessionStorage.setItem(NAME, key));
    if (remember) attempt(() => localStorage.setItem(NAME, key));
  },

  end() {
    held = null;
    for (const store of stores) attempt(() => store().removeItem(NAME));
  },
};
