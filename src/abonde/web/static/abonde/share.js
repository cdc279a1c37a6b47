// Copying an address with one press; without this script one marks it and copies it by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // a page that was not called up securely
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; }, 3000);
  });
}
// Printing, where the browser's own menu is far away.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
