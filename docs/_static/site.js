// A line between grey and colour that one can drag; without this script both halves are shown.
for (const pair of document.querySelectorAll(".compare .pair")) {
  const input = pair.querySelector("input");
  const show = () => pair.style.setProperty("--split", `${input.value}%`);
  input.addEventListener("input", show);
  show();
}

// What scrolls can be reached with the keyboard.
for (const wide of document.querySelectorAll("pre, .table-wrapper")) wide.tabIndex = 0;
