// Copies texts: the only thing on these pages that needs a script.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  const words = button.innerHTML;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(document.getElementById(button.dataset.copy));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.innerHTML = words; }, 2000);
  });
}
