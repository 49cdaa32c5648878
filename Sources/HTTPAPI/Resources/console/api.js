// The HTTP API as functions. Every address is relative to the console's own, so a proxy may serve both under any path.

import { session } from "./session.js";

/** The folder the console is in. */
export const base = new URL("./", document.baseURI);

/** Tells `signed-out` when the server no longer takes the key. */
export const events = new EventTarget();

export class APIError extends Error {
  constructor(status, { code = "unknown", message, param, details, request_id: requestID } = {}, retryAfter = null) {
    super(message ?? `The server answered with status ${status}.`);
    Object.assign(this, { status, code, param, details, requestID, retryAfter });
  }

  /** Whether the same request may succeed later. */
  get mayPass() { return this.status === 0 || this.status === 429 || this.status >= 500; }

  static unreachable() {
    return new APIError(0, { code: "unreachable", message: "The server can't be reached." });
  }

  /** From the body of an answer, whatever it is. */
  static from(status, text, retryAfter) {
    let error = {};
    try { error = JSON.parse(text).error ?? {}; } catch { /* a proxy's page, say */ }
    const seconds = retryAfter === null || retryAfter === "" ? null : Number(retryAfter);
    return new APIError(status, error, Number.isFinite(seconds) ? seconds : null);
  }
}

const pause = (seconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, seconds * 1000);
  signal?.addEventListener("abort", () => {
    clearTimeout(timer);
    reject(signal.reason);
  });
});

/** Longest time, in seconds, that a request is held back because the server asks for it; beyond it is an error. */
const PATIENCE = 10;

async function send(method, path, { query, json, form, signal, repeatable = method === "GET", key = session.key } = {}) {
  const url = address(path, query);
  const options = { method, signal, headers: { "X-Api-Key": key ?? "" }, cache: "no-store", credentials: "same-origin" };
  if (json !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(json);
  } else if (form) {
    options.body = form;
  }
  for (let tries = 0; ; tries += 1) {
    let error;
    try {
      const response = await fetch(url, options);
      if (response.ok) return await response.json();
      error = APIError.from(response.status, await response.text(), response.headers.get("retry-after"));
    } catch (problem) {
      if (signal?.aborted) throw problem;
      error = APIError.unreachable();
    }
    if (error.status === 401 && key === session.key) {
      events.dispatchEvent(new CustomEvent("signed-out", { detail: error }));
    }
    const delay = error.retryAfter ?? 0.5 * 2 ** tries;
    if (!repeatable || !error.mayPass || error.status === 500 || tries === 2 || delay > PATIENCE) throw error;
    await pause(delay, signal);
  }
}

/** The address of a path of the API, with a query of name and value pairs. */
export function address(path, query = []) {
  const url = new URL(path, base);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url;
}

export const api = {
  check: (key) => send("GET", "v1/images", { query: [["limit", "1"]], key }),
  list: (query, signal) => send("GET", "v1/images", { query, signal }),
  get: (id, signal) => send("GET", `v1/images/${encodeURIComponent(id)}`, { signal }),
  change: (id, json) => send("PATCH", `v1/images/${encodeURIComponent(id)}`, { json }),
  delete: (ids) => send("DELETE", "v1/images", { json: { ids } }),
  search: (json, signal) => send("POST", "v1/images/search", { json, signal, repeatable: true }),
  searchByForm: (form, signal) => send("POST", "v1/images/search", { form, signal, repeatable: true }),
};

/**
 * Where an image's bytes are, for an `<img>`: the signature of its `image_url` at this page's own address.
 * @param {object} rendition `{w, h, fit, format}`; none for the original.
 */
export function contentAddress(image, rendition = {}) {
  const signed = new URL(image.image_url, base).searchParams;
  const url = new URL(`v1/images/${encodeURIComponent(image.image_id)}/content`, base);
  for (const name of ["expires", "signature"]) if (signed.has(name)) url.searchParams.set(name, signed.get(name));
  for (const [name, value] of Object.entries(rendition)) url.searchParams.set(name, value);
  return url.href;
}
