// Forms that save by themselves (components/saving.html). Without this script their button saves, as ever.
for (const saving of document.querySelectorAll(".saving")) {
  const form = saving.closest("form");
  const failed = () => { saving.textContent = saving.dataset.failed; };
  const named = document.title.replace(`${saving.dataset.error} `, "");
  let leaving = false;
  // The button waits for a save that is on its way, which changes the version that the form must name; none begins behind it.
  form.addEventListener("submit", (event) => {
    leaving = true;
    if (!saving.classList.contains("htmx-request")) return;
    event.preventDefault();
    saving.addEventListener("htmx:afterRequest", () => form.requestSubmit(event.submitter), { once: true });
  });
  addEventListener("pageshow", () => { leaving = false; });
  saving.addEventListener("htmx:beforeRequest", (event) => { if (leaving) event.preventDefault(); });
  saving.addEventListener("htmx:sendError", failed);
  saving.addEventListener("htmx:responseError", failed);
  // Whoever is no longer logged in is led to another page, which has no place here.
  saving.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL).pathname === location.pathname) return;
    event.detail.shouldSwap = false;
    failed();
  });
  // Nobody is told off for what they are about to write: errors come to a field that one has left.
  form.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (event.detail.target.closest(".field, td")?.contains(document.activeElement) && event.detail.fragment.querySelector("li")) {
      event.detail.shouldSwap = false;
    }
  });
  form.addEventListener("htmx:afterRequest", () => {
    if (saving.querySelector(".saving__done")) form.querySelectorAll(".error-summary").forEach((summary) => summary.remove());
    // The title speaks of mistakes as long as some stand on the page, and no longer.
    document.title = document.querySelector(".saving__wrong, .error-summary") ? `${saving.dataset.error} ${named}` : named;
    for (const control of form.elements) {
      const wrong = document.getElementById(`${control.id}_error`)?.childElementCount;
      if (wrong) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
    }
  });
}
