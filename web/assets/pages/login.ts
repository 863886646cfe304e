// 显示 / 隐藏 for password fields; without script the field stays a plain password.
document.querySelectorAll<HTMLElement>("[data-reveal]").forEach((button) => {
  const input = button.parentElement?.querySelector("input");
  if (!input) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = (shown ? button.dataset["show"] : button.dataset["hide"]) ?? "";
    button.setAttribute("aria-pressed", String(!shown));
  });
});
