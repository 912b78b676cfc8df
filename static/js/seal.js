// Seals bids in the bidder's own browser (seal/v1, docs/seal.md): nothing readable ever leaves this machine.
import { Encrypter } from "age-encryption";

const encoder = new TextEncoder();
const OCTETS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const hex = (bytes) => {
  let text = "";
  for (const byte of bytes) text += OCTETS[byte];
  return text;
};
// Hexadecimal of a whole container is longer than a string may be: it goes into the file piece by piece.
function* hexPieces(bytes) {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield hex(bytes.subarray(at, at + (1 << 20)));
}
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// The line 'seal/v1', one line of JSON (the manifest), then the files one after another.
export async function container(head, files, salt) {
  const described = [];
  for (const file of files) {
    const line = { name: file.name, size: file.content.length, sha256: hex(await sha256(file.content)) };
    described.push(file.proof ? { ...line, proof: file.proof } : line);
  }
  const manifest = JSON.stringify({ ...head, salt: hex(salt), files: described });
  return joined([encoder.encode(`seal/v1\n${manifest}\n`), ...files.map((file) => file.content)]);
}

// SHA-256('seal/v1' ⏎ tender ⏎ envelope ⏎ salt ‖ SHA-256(container)).
export async function commitment(head, salt, packed) {
  const named = encoder.encode(`seal/v1\n${head.tender}\n${head.envelope}\n`);
  return hex(await sha256(joined([named, salt, await sha256(packed)])));
}

export async function sealed(packed, recipient) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(packed);
}

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const SMALL = ["", "拾", "佰", "仟"];
const LARGE = ["", "万", "亿", "万亿"];

// 人民币大写 of an amount below ten thousand billion, from its figures as text ('38.50').
export function rmbUpper(text) {
  const [whole, cents = ""] = text.split(".");
  const fen = cents.padEnd(2, "0");
  let words = "";
  let zero = false;
  const digits = whole.replace(/^0+/, "");
  for (let index = 0; index < digits.length; index += 1) {
    const power = digits.length - 1 - index;
    const digit = Number(digits[index]);
    if (digit) {
      words += (zero && words ? "零" : "") + DIGITS[digit] + SMALL[power % 4];
      zero = false;
    } else zero = true;
    if (power % 4 === 0 && power > 0) {
      const group = digits.slice(Math.max(0, index - 3), index + 1);
      if (Number(group)) {
        words += LARGE[power / 4];
        zero = false;
      }
    }
  }
  if (words) words += "元";
  const [jiao, li] = [Number(fen[0]), Number(fen[1])];
  if (jiao) words += DIGITS[jiao] + "角";
  if (li) return words + (words && !jiao ? "零" : "") + DIGITS[li] + "分";
  return (words || "零元") + "整";
}

function priceSheet(text, rate) {
  const plain = text.replace(/[,，\s]/g, "");
  if (!/^\d{1,12}(\.\d{1,8})?$/.test(plain) || Number(plain) <= 0) return null;
  if (rate) {
    const fraction = (BigInt(plain.replace(".", "")) + "").padStart(11, "0");
    const places = (plain.split(".")[1] ?? "").length + 2;
    const price = `${fraction.slice(0, -places) || "0"}.${fraction.slice(-places)}`.replace(/^0+(?=\d)/, "");
    return { price, price_in_words: `百分之${plain}` };
  }
  if ((plain.split(".")[1] ?? "").length > 2) return null;
  return { price: plain, price_in_words: rmbUpper(plain) };
}

// A decimal as whole units and its places: '38.50' → [3850n, 2].
const exact = (text) => {
  const [whole, part = ""] = text.split(".");
  return [BigInt(whole + part), part.length];
};

// Unit price × quantity in yuan, rounded half up to the fen, from figures as text; no number of the browser is exact.
export function product(unit, quantity) {
  const [[one, onePlaces], [two, twoPlaces]] = [exact(unit), exact(quantity)];
  const scale = 10n ** BigInt(onePlaces + twoPlaces);
  const fen = ((2n * 100n * one * two + scale) / (2n * scale)).toString().padStart(3, "0");
  return `${fen.slice(0, -2)}.${fen.slice(-2)}`;
}

const yuan = (text) => {
  const plain = text.replace(/[,，\s]/g, "");
  return /^\d{1,12}(\.\d{1,2})?$/.test(plain) && Number(plain) > 0 ? plain : null;
};

// What the sheet states beside the price: the total of a unit price, or the unit price of a total (docs/seal.md).
function besides(form, sheet) {
  const typed = form.querySelector("[data-beside]");
  if (!typed || !typed.value.trim()) return sheet;
  const amount = yuan(typed.value);
  if (!amount) throw new Error(form.dataset.badPrice);
  const name = typed.dataset.beside;
  return { ...sheet, quantity: typed.dataset.quantity, [name]: amount, [`${name}_in_words`]: rmbUpper(amount) };
}

// Beside a unit price the total follows while nobody has typed one; what does not fit is said before it is sealed.
function reckoning(form) {
  const [typed, beside] = [form.querySelector("[data-price]"), form.querySelector("[data-beside]")];
  if (!beside) return;
  const says = form.querySelector("[data-fits]");
  let own = false;
  const show = () => {
    const sheet = priceSheet(typed.value, typed.dataset.price === "rate");
    const byUnit = beside.dataset.beside === "total";
    if (byUnit && !own) beside.value = sheet ? product(sheet.price, beside.dataset.quantity) : "";
    const amount = yuan(beside.value);
    if (!sheet || !amount) {
      says.textContent = "";
      return;
    }
    const [unit, total] = byUnit ? [sheet.price, amount] : [amount, sheet.price];
    const summed = product(unit, beside.dataset.quantity);
    const fits = product(total, "1") === summed;
    says.textContent = fits ? says.dataset.fits : says.dataset.differs.replace("{amount}", summed);
  };
  beside.addEventListener("input", () => {
    own = beside.value.trim() !== "";
    show();
  });
  typed.addEventListener("input", show);
}

// The recovery file: what reveals the bid should the officers' keys be lost. The bidder alone keeps it.
function keep(name, parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function contents(form) {
  const chosen = Array.from(form.querySelector("input[type=file]").files);
  if (chosen.some((file) => file.size > 100e6) || chosen.reduce((sum, file) => sum + file.size, 0) > 300e6)
    throw new Error(form.dataset.tooLarge);
  const files = [];
  const said = Array.from(form.querySelectorAll("[data-assign] select"), (select) => select.value);
  for (const [place, file] of chosen.entries())
    files.push({ name: file.name, content: new Uint8Array(await file.arrayBuffer()), proof: said[place] });
  const typed = form.querySelector("[data-price]");
  if (typed) {
    const sheet = priceSheet(typed.value, typed.dataset.price === "rate");
    if (!sheet) throw new Error(form.dataset.badPrice);
    files.push({ name: "price-sheet.json", content: encoder.encode(JSON.stringify(besides(form, sheet))) });
  }
  if (!files.length) throw new Error(form.dataset.noFiles);
  return files;
}

// What is sealed and not whole on the server yet waits in this browser: ciphertext only, so that a broken line or a
// reload costs no second sealing. The name of an entry is tender, lot and envelope.
const store = () =>
  new Promise((resolve, reject) => {
    const asked = indexedDB.open("chengban-uploads", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("sealed");
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
async function waiting(mode, act) {
  const database = await store();
  return new Promise((resolve, reject) => {
    const asked = act(database.transaction("sealed", mode).objectStore("sealed"));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  }).finally(() => database.close());
}
const nameOf = (form) => [form.dataset.tender, form.dataset.lot, form.dataset.envelope].join("/");

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// One request; a refusal in words is final, a line that breaks is tried again for some minutes.
async function ask(form, url, options = {}) {
  for (let attempt = 0; ; attempt += 1) {
    let answer;
    try {
      answer = await fetch(url, { ...options, headers: { "X-CSRFToken": form.elements.csrf_token.value } });
    } catch {
      answer = null;
    }
    if (answer && answer.status < 500 && answer.status !== 408 && answer.status !== 429) {
      const said = await answer.json().catch(() => ({}));
      if (answer.ok || said.offset !== undefined) return said;
      throw new Error(said.error ?? form.dataset.refused);
    }
    if (attempt >= 8) throw new Error(form.dataset.broken);
    await wait(Math.min(30000, 500 * 2 ** attempt));
  }
}

async function send(form, { ciphertext, mark, digest }) {
  const says = form.querySelector("[data-says]");
  const bar = form.querySelector("progress");
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("size", ciphertext.size);
  body.set("sha256", digest);
  body.set("commitment", mark);
  let { offset, piece, url } = await ask(form, form.dataset.begin, { method: "POST", body });
  bar.hidden = false;
  bar.max = ciphertext.size;
  while (offset < ciphertext.size) {
    bar.value = offset;
    says.textContent = `${form.dataset.sending} ${Math.floor((100 * offset) / ciphertext.size)}%`;
    const part = ciphertext.slice(offset, offset + piece);
    ({ offset } = await ask(form, `${url}?offset=${offset}`, { method: "PUT", body: part }));
  }
  bar.value = ciphertext.size;
  await ask(form, `${url}/finish`, { method: "POST" });
  await waiting("readwrite", (kept) => kept.delete(nameOf(form)));
  location.assign(`${location.pathname}#lot-${form.dataset.lot}`);
  location.reload();
}

async function upload(form) {
  const { tender, lot, envelope, recipient } = form.dataset;
  const head = { tender, lot: Number(lot), envelope };
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const packed = await container(head, await contents(form), salt);
  const mark = await commitment(head, salt, packed);
  const sealedBytes = await sealed(packed, recipient);
  const digest = hex(await sha256(sealedBytes));
  const recovery = JSON.stringify({ ...head, commitment: mark, ciphertext_sha256: digest });
  const parts = [recovery.slice(0, -1), ',"container":"', ...hexPieces(packed), '"}'];
  keep(`${tender}-${lot}-${envelope}.recovery.json`, parts);
  const entry = { ciphertext: new Blob([sealedBytes]), mark, digest };
  await waiting("readwrite", (kept) => kept.put(entry, nameOf(form)));
  await send(form, entry);
}

// Which chosen document is which proof: one line a document, and what no document is said to be yet.
function assigning(form) {
  const list = form.querySelector("[data-assign]");
  if (!list) return;
  const chosen = form.querySelector("input[type=file]");
  const show = () => {
    const said = Array.from(list.querySelectorAll("select"), (select) => select.value);
    for (const mark of form.querySelectorAll("[data-need]")) mark.hidden = said.includes(mark.dataset.need);
    for (const mark of form.querySelectorAll("[data-have]")) mark.hidden = !said.includes(mark.dataset.have);
  };
  chosen.addEventListener("change", () => {
    const lines = Array.from(chosen.files, (file) => {
      const line = form.querySelector("template").content.cloneNode(true);
      line.querySelector("[data-name]").textContent = file.name;
      return line;
    });
    list.replaceChildren(...lines);
    show();
  });
  list.addEventListener("change", show);
}

function start(form, act) {
  const says = form.querySelector("[data-says]");
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  act().catch((fault) => {
    says.textContent = fault.message;
    for (const button of buttons) button.disabled = false;
  });
}

for (const form of document.querySelectorAll("form[data-seal]")) {
  form.closest("[hidden]")?.removeAttribute("hidden");
  assigning(form);
  reckoning(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("[data-says]").textContent = form.dataset.working;
    start(form, () => upload(form));
  });
  // An upload that a reload or a broken line cut off goes on where it was.
  waiting("readonly", (kept) => kept.get(nameOf(form)))
    .then((entry) => entry && start(form, () => send(form, entry)))
    .catch(() => {});
}

// The time left, by the server's clock as the page got it; the server alone decides.
for (const left of document.querySelectorAll("time[data-until]")) {
  const ahead = Date.parse(left.dataset.now) - Date.now();
  const show = () => {
    const seconds = Math.max(0, Math.floor((Date.parse(left.dataset.until) - Date.now() - ahead) / 1000));
    const days = Math.floor(seconds / 86400);
    const clock = [3600, 60, 1].map((unit) => String(Math.floor((seconds % (unit * (unit === 3600 ? 24 : 60))) / unit)));
    left.textContent = (days ? `${days} ${left.dataset.days} ` : "") + clock.map((part) => part.padStart(2, "0")).join(":");
  };
  show();
  setInterval(show, 1000);
}
