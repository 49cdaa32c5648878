// Numbers, sizes and times as people read them, in the language of their browser.

const counts = new Intl.NumberFormat();
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const distances = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

export const count = (number) => counts.format(number);

/** `3 images`, `1 image` */
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

export function bytes(number) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (number >= 999.5 && unit < units.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? number : number.toPrecision(3).replace(/\.?0+$/, "")} ${units[unit]}`;
}

/** A time in Unix seconds. */
export const time = (seconds) => dates.format(new Date(seconds * 1000));

/** How long ago that was, or its day where that is long. */
export function ago(seconds, now = Date.now() / 1000) {
  const passed = now - seconds;
  if (passed < 45) return "just now";
  if (passed < 45 * 60) return distances.format(-Math.round(passed / 60), "minute");
  if (passed < 22 * 3600) return distances.format(-Math.round(passed / 3600), "hour");
  if (passed < 6.5 * 86400) return distances.format(-Math.round(passed / 86400), "day");
  return days.format(new Date(seconds * 1000));
}

export const score = (number) => (number > 0 && number < 0.005 ? "< 0.01" : number.toFixed(2));

export const isTimestamp = (value) => Number.isInteger(value) && value > 1e8 && value < 1e11;

/** What an image is called here: its caption, the name of its file, or the day it came. */
export function title(image) {
  const { caption, file_name: file } = image.image_metadata ?? {};
  for (const name of [caption, file]) if (typeof name === "string" && name.trim() !== "") return name.trim();
  return `Uploaded ${time(image.upload_timestamp)}`;
}

export const statuses = ["Not indexed", "Being indexed", "Indexed", "Indexing failed"];
