// Sends one file, with progress and as many tries as it may take.

import { APIError, address } from "./api.js";
import { session } from "./session.js";

const TRIES = 6;
const LONGEST_DELAY = 60;

/** A name for a request. `crypto.randomUUID` would be the way, but plain HTTP does not have it. */
function requestName() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Uploads a file and answers its image object. Every try has the same Idempotency-Key, so that a file whose answer was
 * lost on the way is not stored twice.
 * @param metadata `{metadata, indexing_config}`
 * @param onProgress called with bytes sent so far
 * @param onWait called with the seconds until the next try and the error of the last
 * @throws APIError; DOMException of name AbortError
 */
export async function transfer(file, metadata, { signal, onProgress, onWait }) {
  const name = requestName();
  for (let tries = 1; ; tries += 1) {
    try {
      const { results } = await post(file, metadata, name, signal, onProgress);
      return results[0];
    } catch (error) {
      if (!(error instanceof APIError) || !error.mayPass || tries === TRIES) throw error;
      const delay = Math.min(error.retryAfter || 2 ** (tries - 1), LONGEST_DELAY) * (1 + Math.random() / 4);
      onProgress(0);
      onWait(delay, error);
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, delay * 1000);
        signal.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
      });
    }
  }
}

/** By XMLHttpRequest, because `fetch` tells nothing of an upload's progress. */
function post(file, metadata, name, signal, onProgress) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const form = new FormData();
    form.append("metadata", JSON.stringify(metadata));
    form.append("images", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", address("v1/images/upload"));
    request.setRequestHeader("X-Api-Key", session.key ?? "");
    request.setRequestHeader("Idempotency-Key", name);
    request.upload.addEventListener("progress", (event) => onProgress(Math.min(event.loaded, file.size)));
    request.addEventListener("error", () => reject(APIError.unreachable()));
    request.addEventListener("load", () => {
      if (request.status !== 200) {
        return reject(APIError.from(request.status, request.responseText, request.getResponseHeader("retry-after")));
      }
      try { resolve(JSON.parse(request.responseText)); } catch { reject(new APIError(request.status)); }
    });
    signal.addEventListener("abort", () => { request.abort(); reject(signal.reason); }, { once: true });
    request.send(form);
  });
}
