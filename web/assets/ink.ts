// Handwriting on a pad: strokes are kept as points, so that one stroke can be taken back.
type Stroke = { x: number; y: number }[];

export function ink(pad: HTMLElement): void {
  if (pad.dataset["ready"]) return;
  pad.dataset["ready"] = "1";
  const canvas = pad.querySelector("canvas");
  const field = pad.querySelector<HTMLInputElement>("input[name=ink]");
  const pen = canvas?.getContext("2d");
  if (!canvas || !field || !pen) return;
  const strokes: Stroke[] = [];
  let drawing: Stroke | null = null;

  const at = (event: PointerEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * canvas.width, y: ((event.clientY - box.top) / box.height) * canvas.height };
  };
  const paint = (): void => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 8;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    for (const stroke of strokes) {
      pen.beginPath();
      stroke.forEach((p, i) => (i ? pen.lineTo(p.x, p.y) : pen.moveTo(p.x, p.y)));
      if (stroke.length === 1 && stroke[0]) pen.lineTo(stroke[0].x + 0.1, stroke[0].y);
      pen.stroke();
    }
    field.value = strokes.length ? canvas.toDataURL("image/png") : "";
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = [at(event)];
    strokes.push(drawing);
    paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drawing) {
      drawing.push(at(event));
      paint();
    }
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (drawing = null));
  const form = pad.closest("form");
  form?.querySelector("[data-ink-clear]")?.addEventListener("click", () => {
    strokes.length = 0;
    paint();
  });
  form?.querySelector("[data-ink-back]")?.addEventListener("click", () => {
    strokes.pop();
    paint();
  });
}
