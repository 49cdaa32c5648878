// The documentation: openapi.json, which the server's tests hold to the code, laid out for people.

import { $, el, fill, isTyping } from "./console/dom.js";
import { codeBlock } from "./docs/code.js";
import { Operations } from "./docs/operation.js";
import { problemsSection } from "./docs/problems.js";
import { Schemas } from "./docs/schema.js";
import { line, prose } from "./docs/text.js";

const METHODS = ["get", "post", "put", "patch", "delete", "head"];
const server = new URL("./", document.baseURI).href.replace(/\/$/, "");
const content = $("content");

try {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(`status ${response.status}`);
  show(await response.json());
} catch (error) {
  fill(content, el("p", {}, `The description of the API can't be loaded (${error.message}).`));
}

function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, item]) => METHODS.filter((method) => item[method]).map((method) => ({
    id: item[method].operationId, method, path, operation: item[method],
  })));
}

function show(api) {
  const schemas = new Schemas(api);
  const operations = operationsOf(api);
  const pages = new Operations(schemas, server);
  fill(content,
    introduction(api),
    ...api.tags.map((tag) => {
      const own = operations.filter(({ operation }) => operation.tags?.includes(tag.name));
      return el("section", { class: "tag", id: slug(tag.name) },
        el("header", { class: "tag-head" }, el("h2", {}, tag.name), line(tag.description, "p")),
        own.map((one) => pages.section(one)));
    }),
    problemsSection(api, operations, schemas),
    el("p", { class: "nothing", id: "nothing", hidden: true }, "Nothing here speaks of that."));
  drawLinks(api, operations);
  follow();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function slug(text) { return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"); }

function introduction({ info, components }) {
  return el("section", { class: "operation", id: "introduction" },
    el("div", { class: "about" },
      el("h1", {}, `${info.title} API`), el("p", { class: "lead" }, info.summary, el("span", { class: "version" }, `version ${info.version}`)), prose(info.description),
      el("h2", { class: "minor" }, "Ways to show who you are"),
      el("ul", { class: "members" }, Object.values(components.securitySchemes).map((scheme) => el("li", { class: "member" },
        el("p", { class: "signature" }, el("code", { class: "member-name" }, scheme.name ?? (`Authorization: ${scheme.scheme[0].toUpperCase()}${scheme.scheme.slice(1)}`)),
          el("span", { class: "type" }, scheme.in ?? "header")),
        el("div", { class: "explanation" }, prose(scheme.description)))))),
    el("div", { class: "samples" },
      codeBlock("Server", [{ label: "Server", text: server, isJSON: false }]),
      codeBlock("With a key", [{ label: "curl", text: `curl "${server}/v1/images" \\\n  -H "X-Api-Key: $IMAGO_API_KEY"`, isJSON: false }])));
}

// Contents

function drawLinks(api, operations) {
  const link = (id, ...text) => el("li", { "data-for": id }, el("a", { href: `#${id}` }, text));
  fill($("links"),
    el("ul", {}, link("introduction", "Introduction")),
    api.tags.map((tag) => [
      el("h2", {}, tag.name),
      el("ul", {}, operations.filter(({ operation }) => operation.tags?.includes(tag.name)).map(({ id, method, operation }) =>
        link(id, el("span", {}, operation.summary), el("span", { class: `method ${method}` }, method === "delete" ? "DEL" : method.toUpperCase())))),
    ]).flat(),
    el("ul", { class: "last" }, link("errors", "Errors")));
}

/** Marks in the contents what is being read. */
function follow() {
  const sections = [...document.querySelectorAll("section.operation")];
  const mark = () => {
    const at = sections.filter((one) => !one.hidden && one.getBoundingClientRect().top < innerHeight * 0.3).at(-1) ?? sections[0];
    for (const item of document.querySelectorAll("#links li")) {
      const isHere = item.dataset.for === at.id;
      const link = item.firstChild;
      if (isHere === link.hasAttribute("aria-current")) continue;
      link.toggleAttribute("aria-current", isHere);
      if (isHere) link.setAttribute("aria-current", "true");
      if (isHere && !$("contents").matches(":hover")) scrollWithin($("contents"), item);
    }
  };
  let isDue = false;
  addEventListener("scroll", () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => { isDue = false; mark(); });
  }, { passive: true });
  mark();
}

function scrollWithin(box, item) {
  const [outer, inner] = [box.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top + 60 || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 2;
}

// Finding

$("find").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const section of document.querySelectorAll("section.operation")) {
    const text = section.querySelector(".about").textContent.toLowerCase();
    section.hidden = !words.every((word) => text.includes(word));
    found += section.hidden ? 0 : 1;
    const item = document.querySelector(`#links [data-for="${CSS.escape(section.id)}"]`);
    if (item) item.hidden = section.hidden;
  }
  for (const tag of document.querySelectorAll("section.tag")) tag.hidden = !tag.querySelector("section.operation:not([hidden])");
  for (const heading of document.querySelectorAll("#links h2")) heading.hidden = !heading.nextElementSibling.querySelector("li:not([hidden])");
  $("nothing").hidden = found > 0;
  $("announcement").textContent = words.length === 0 ? "" : `${found} sections`;
  scrollTo({ top: 0 });
});
$("find").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.target.value = "";
  event.target.dispatchEvent(new Event("input"));
  event.target.blur();
});
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  event.preventDefault();
  showContents(true);
  $("find").focus();
});

// On narrow windows the contents are behind a button.

function showContents(isShown) {
  document.body.classList.toggle("contents-shown", isShown);
  $("menu").setAttribute("aria-expanded", String(isShown));
}
$("menu").addEventListener("click", () => showContents(!document.body.classList.contains("contents-shown")));
$("links").addEventListener("click", (event) => { if (event.target.closest("a")) showContents(false); });
