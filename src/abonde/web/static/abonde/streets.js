// A map of streets in the place of the drawn one, once the visitor asks for it: only then does their browser ask another server.
const fetched = (element, address) => new Promise((done, failed) => {
  const node = Object.assign(document.createElement(element), element === "link" ? { rel: "stylesheet", href: address } : { src: address });
  node.onload = done;
  node.onerror = failed;
  document.head.append(node);
});

function drawn(frame, words) {
  const map = L.map(frame, { zoomControl: false, attributionControl: false });
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  const thanks = L.control.attribution({ prefix: false }).addTo(map);
  const plain = document.createElement("span");
  plain.textContent = words.attribution;
  thanks.addAttribution(plain.innerHTML);
  L.tileLayer(words.streets, { maxZoom: 19, referrerPolicy: "origin" }).addTo(map);
  const points = [...document.querySelectorAll(".map__list [data-latitude]")].map((link) => {
    const place = [Number(link.dataset.latitude), Number(link.dataset.longitude)];
    const name = link.textContent;
    const popup = link.cloneNode(true);
    L.marker(place, { title: name, alt: name, icon: L.divIcon({ className: "map__pin", iconSize: [24, 24] }) }).bindPopup(popup, { closeButton: false }).addTo(map);
    return place;
  });
  map.fitBounds(points, { padding: [40, 40], maxZoom: 15 });
}

async function show(button) {
  const words = button.dataset;
  const frame = document.createElement("div");
  frame.className = "map__tiles";
  frame.tabIndex = 0;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", words.label);
  try {
    await Promise.all([fetched("link", words.style), window.L || fetched("script", words.script)]);
    document.getElementById("map").replaceChildren(frame);
    drawn(frame, words);
    frame.focus();
    button.parentElement.remove();
  } catch {
    button.nextElementSibling.textContent = words.failed;
  }
}

function offer() {
  for (const button of document.querySelectorAll("[data-streets]")) {
    if (!button.parentElement.hidden) continue;
    button.parentElement.hidden = false;
    button.addEventListener("click", () => show(button));
  }
}

offer();
document.addEventListener("htmx:load", offer);
