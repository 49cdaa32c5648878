// Applies the chosen colours before the page is painted; the system's preference holds until one is chosen.
(() => {
  const root = document.documentElement;
  const read = () => { try { return localStorage.getItem("imago.theme"); } catch { return null; } };
  const write = (theme) => { try { localStorage.setItem("imago.theme", theme); } catch { /* private browsing */ } };
  const chosen = read();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.addEventListener("click", () => {
        const dark = root.dataset.theme
          ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
        root.dataset.theme = dark ? "light" : "dark";
        write(root.dataset.theme);
      });
    }
  });
})();
