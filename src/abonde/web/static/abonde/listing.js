// A box in the heading of a list that ticks all rows of the page. Without scripts, each row has its own.
const boxes = (list) => [...list.querySelectorAll("tbody .listing__tick input")];

function offer() {
  for (const place of document.querySelectorAll("thead .listing__tick:not(:has(input))")) {
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", place.dataset.all);
    place.replaceChildren(all);
  }
}

document.addEventListener("change", (event) => {
  const list = event.target.closest(".listing");
  if (!list || !event.target.matches(".listing__tick input")) return;
  const all = list.querySelector("thead .listing__tick input");
  if (event.target === all) boxes(list).forEach((box) => { box.checked = all.checked; });
  const ticked = boxes(list).filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes(list).length;
  all.indeterminate = ticked > 0 && !all.checked;
});
document.addEventListener("htmx:afterSettle", offer);
offer();
