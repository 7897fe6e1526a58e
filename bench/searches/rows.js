// Shows what a search has found in the form of the site's own page for searching.
export function show(total, rows) {
  const list = document.getElementById("results");
  for (const [href, title, excerpt] of rows) {
    const link = Object.assign(document.createElement("a"), { href, textContent: title });
    const row = document.createElement("li");
    row.append(link, Object.assign(document.createElement("p"), { textContent: excerpt }));
    list.append(row);
  }
  document.getElementById("said").textContent = `${total} documents`;
}
