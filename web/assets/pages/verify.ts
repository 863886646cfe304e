// Drop a file anywhere on the box, or choose one: it is checked at once. Without the script the form works by its button.
const form = document.querySelector<HTMLFormElement>("[data-drop]");
const input = form?.querySelector<HTMLInputElement>("[data-file]");
const hint = form?.querySelector<HTMLElement>("[data-hint]");
const picked = form?.querySelector<HTMLElement>("[data-picked]");
const button = form?.querySelector<HTMLButtonElement>("[data-check]");

function check(): void {
  if (!form || !input?.files?.length) return;
  if (picked) {
    picked.textContent = (picked.dataset["says"] ?? "") + (input.files[0]?.name ?? "");
    picked.hidden = false;
  }
  if (hint) hint.textContent = hint.dataset["waiting"] ?? "";
  form.submit();
}

if (form && input) {
  if (button) button.hidden = true;
  const label = form.querySelector<HTMLElement>("label.btn");
  input.addEventListener("change", check);
  input.addEventListener("focus", () => label?.classList.add("is-focus"));
  input.addEventListener("blur", () => label?.classList.remove("is-focus"));
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("is-over");
    if (event.dataTransfer?.files.length) {
      input.files = event.dataTransfer.files;
      check();
    }
  });
}
