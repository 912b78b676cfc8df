// Seals bids in the bidder's own browser (seal/v1, docs/seal.md): nothing readable ever leaves this machine.
import { Encrypter } from "age-encryption";

const encoder = new TextEncoder();
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
    described.push({ name: file.name, size: file.content.length, sha256: hex(await sha256(file.content)) });
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

// The recovery file: what reveals the bid should the officers' keys be lost. The bidder alone keeps it.
function keep(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function contents(form) {
  const chosen = Array.from(form.querySelector("input[type=file]").files);
  const files = [];
  for (const file of chosen) files.push({ name: file.name, content: new Uint8Array(await file.arrayBuffer()) });
  const typed = form.querySelector("[data-price]");
  if (typed) {
    const sheet = priceSheet(typed.value, typed.dataset.price === "rate");
    if (!sheet) throw new Error(form.dataset.badPrice);
    files.push({ name: "price-sheet.json", content: encoder.encode(JSON.stringify(sheet)) });
  }
  if (!files.length) throw new Error(form.dataset.noFiles);
  return files;
}

async function upload(form) {
  const { tender, lot, envelope, recipient } = form.dataset;
  const head = { tender, lot: Number(lot), envelope };
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const packed = await container(head, await contents(form), salt);
  const mark = await commitment(head, salt, packed);
  const ciphertext = await sealed(packed, recipient);
  const body = new FormData(form);
  body.set(`${form.dataset.prefix}-commitment`, mark);
  body.set(`${form.dataset.prefix}-sealed`, new Blob([ciphertext]), `${envelope}.age`);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "follow" });
  if (!answer.ok) throw new Error(form.dataset.refused);
  const recovery = { ...head, commitment: mark, ciphertext_sha256: hex(await sha256(ciphertext)), container: hex(packed) };
  keep(`${tender}-${lot}-${envelope}.recovery.json`, JSON.stringify(recovery));
  location.assign(answer.url);
  if (answer.url.split("#")[0] === location.href.split("#")[0]) location.reload();
}

for (const form of document.querySelectorAll("form[data-seal]")) {
  form.closest("[hidden]")?.removeAttribute("hidden");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const says = form.querySelector("[data-says]");
    const button = form.querySelector("button");
    button.disabled = true;
    says.textContent = form.dataset.working;
    upload(form).catch((fault) => {
      says.textContent = fault.message;
      button.disabled = false;
    });
  });
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
