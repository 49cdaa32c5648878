// The little Markdown that descriptions use, as elements: paragraphs, lists, `code`, **strong** and [links](url).

import { el } from "../console/dom.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [, code, strong, label, url] = match;
    if (code) nodes.push(el("code", {}, code));
    else if (strong) nodes.push(el("strong", {}, strong));
    else nodes.push(/^(https?:|#|[a-z]+$)/.test(url) ? el("a", { href: url }, label) : label);
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

/** One line of text. */
export const line = (text, name = "span") => el(name, {}, inline(text ?? ""));

/** Paragraphs and lists. */
export function prose(text) {
  return (text ?? "").split(/\n{2,}/).filter(Boolean).map((block) => {
    const lines = block.split("\n");
    if (lines.every((one) => /^[-*] /.test(one))) return el("ul", { class: "list" }, lines.map((one) => line(one.slice(2), "li")));
    return line(block.replaceAll("\n", " "), "p");
  });
}
