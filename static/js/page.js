// Small comforts; every page works without them.

// One press, one request: the server would answer the second the same way, this only spares the waiting.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// After a refused form, reading begins at the summary of errors.
document.querySelector(".err-sum")?.focus();

// A clock that says what the server says: set once, then counted on, set again every minute.
for (const clock of document.querySelectorAll("time[data-clock]")) {
  let ahead = Date.parse(clock.dateTime) - Date.now();
  const ask = async () => {
    const answer = await fetch(clock.dataset.clock);
    if (answer.ok) ahead = Date.parse((await answer.json()).utc) - Date.now();
  };
  const show = () => {
    clock.textContent = new Date(Date.now() + ahead).toLocaleTimeString("en-GB", { timeZone: "Asia/Shanghai" });
  };
  setInterval(show, 1000);
  setInterval(() => ask().catch(() => {}), 60000);
}

// A long task's bar moves on; without a script the page has a link that loads it again.
for (const job of document.querySelectorAll("[data-progress]")) {
  const ask = async () => {
    const answer = await fetch(job.dataset.progress);
    if (!answer.ok) return;
    const state = await answer.json();
    job.querySelector("progress").value = state.percent;
    job.querySelector("[data-count]").textContent = state.count;
    if (state.finished) location.reload();
    else setTimeout(() => ask().catch(() => {}), 2000);
  };
  setTimeout(() => ask().catch(() => {}), 2000);
}

// Sliders beside the figures of a form that asks (GET): they write into the fields, the server calculates, and the
// answer and the address change in place. Without a script there are the fields and the button.
for (const form of document.querySelectorAll("form[data-live]")) {
  const answer = document.getElementById(form.dataset.live);
  const sliders = [...form.querySelectorAll("input[data-slides]")];
  const place = (slider) => {
    slider.value = form.elements[slider.dataset.slides].value.replaceAll(",", "");
    slider.setAttribute("aria-valuetext", form.elements[slider.dataset.slides].value);
  };
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
    const page = await fetch(address);
    const found = new DOMParser().parseFromString(await page.text(), "text/html").getElementById(answer.id);
    if (mine !== asked || !page.ok || !found) return;
    answer.replaceChildren(...found.childNodes);
    answer.hidden = found.hidden;
    history.replaceState(null, "", address);
  };
  for (const slider of sliders) {
    place(slider);
    slider.addEventListener("input", () => {
      form.elements[slider.dataset.slides].value = Number(slider.value).toLocaleString("en-US", { minimumFractionDigits: 2 });
      slider.setAttribute("aria-valuetext", form.elements[slider.dataset.slides].value);
      ask().catch(() => {});
    });
  }
  form.addEventListener("change", (event) => {
    if (sliders.includes(event.target)) return;
    sliders.forEach(place);
    ask().catch(() => {});
  });
  form.querySelector(".sliders").hidden = false;
}
