// Opens an officer's key in the officer's own browser (docs/seal.md): neither passphrase nor private key leaves it.
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const base64 = (content) => btoa(String.fromCharCode(...content));

// The private key: from what the house keeps under the passphrase, or as it was typed where it is kept elsewhere.
async function identity(box, typed) {
  if (!box.dataset.wrapped) return typed.trim();
  const decrypter = new Decrypter();
  decrypter.addPassphrase(typed);
  return (await decrypter.decrypt(bytes(box.dataset.wrapped), "text")).trim();
}

// Every share of the page opened: envelope → subset → what is asked for, the proof or the share itself.
export async function opened(shares, key, what) {
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  const found = {};
  for (const { envelope, subset, ciphertext } of shares) {
    const content = JSON.parse(await decrypter.decrypt(bytes(ciphertext), "text"));
    (found[envelope] ??= {})[subset] = content[what];
  }
  return found;
}

async function unlock(box, form, secret) {
  const key = await identity(box, secret.value);
  const what = box.dataset.unlock === "confirm" ? "proof" : "share";
  form.elements.opened.value = JSON.stringify(await opened(JSON.parse(box.dataset.shares), key, what));
}

async function enrol(box, form, secret) {
  if (form.elements.recipient.value.trim()) return; // made elsewhere: nothing to make here
  if ([...secret.value].length < 12) throw new Error(box.dataset.short);
  const key = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.setPassphrase(secret.value);
  form.elements.wrapped.value = base64(await encrypter.encrypt(key));
  form.elements.recipient.value = await identityToRecipient(key);
}

for (const box of document.querySelectorAll("[data-unlock]")) {
  const form = box.querySelector("form");
  const secret = box.querySelector("[data-secret]") ?? form.elements.passphrase;
  const says = box.querySelector("[data-says]");
  for (const part of document.querySelectorAll("main [data-here]")) part.hidden = false;
  for (const part of document.querySelectorAll("main [data-there]")) part.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    says.textContent = box.dataset.working;
    await new Promise((resolve) => setTimeout(resolve, 50)); // the words are painted before the key takes its seconds
    try {
      await (box.dataset.unlock === "enrol" ? enrol : unlock)(box, form, secret);
    } catch (fault) {
      says.textContent = fault.message === box.dataset.short ? fault.message : box.dataset.wrong;
      button.disabled = false;
      return;
    }
    secret.removeAttribute("name"); // what was typed is no field of the form any more, so it cannot be sent
    secret.value = "";
    form.submit();
  });
}
