"use strict";
// The page is whole without this; it adds a search, and buttons that open and close everything.
(() => {
  const box = document.querySelector(".search");
  const field = document.getElementById("find");
  const found = document.getElementById("found");
  const changes = [...document.querySelectorAll("details.change")].map(change => ({
    change,
    parts: [...change.querySelectorAll("details.case, table.brief tbody tr")].map(part => ({part, text: null})),
    text: change.querySelector("summary").textContent.toLowerCase(),
  }));
  const textOf = each => each.text ??= each.part.textContent.toLowerCase();
  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const {change, parts, text} of changes) {
      const all = words.every(word => text.includes(word));
      let some = 0;
      for (const each of parts) {
        const fits = all || words.every(word => textOf(each).includes(word));
        each.part.hidden = !fits;
        some += fits;
      }
      change.hidden = words.length > 0 && !all && some === 0;
      change.open = words.length > 0 && some > 0 && !change.hidden;
      shown += change.hidden ? 0 : some;
    }
    found.textContent = words.length ? `${shown} ${shown === 1 ? "case fits" : "cases fit"}` : "";
  };
  const all = open => () => {
    for (const details of document.querySelectorAll("#changes details")) details.open = open;
  };
  field.addEventListener("input", search);
  document.getElementById("open-all").addEventListener("click", all(true));
  document.getElementById("close-all").addEventListener("click", all(false));
  box.hidden = false;
})();
