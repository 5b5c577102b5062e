// Spans of time shaded behind a pane of a chart: the library draws series, and asks a plug-in for anything else.
class Spans {
  // Each span: from, to (seconds), fill, and perhaps a name with the colour of its text.
  constructor() { this.spans = []; }
  attached({ chart, requestUpdate }) { this.chart = chart; this.update = requestUpdate; }
  set(spans) { this.spans = spans; this.update?.(); }
  paneViews() { return [this]; }
  zOrder() { return "bottom"; }
  renderer() { return { draw: target => target.useMediaCoordinateSpace(space => this.draw(space)) }; }
  draw({ context, mediaSize }) {
    const scale = this.chart.timeScale(), half = scale.options().barSpacing / 2;
    const place = time => { const index = scale.timeToIndex(time, true); return index === null ? null : scale.logicalToCoordinate(index); };
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "bottom";
    for (const span of this.spans) {
      const [from, to] = [place(span.from), place(span.to)];
      if (from === null || to === null) continue;
      const [left, right] = [Math.max(0, from - half), Math.min(mediaSize.width, to + half)];
      if (right <= left) continue;
      context.fillStyle = span.fill;
      context.fillRect(left, 0, Math.max(1, right - left), mediaSize.height);
      if (!span.name || context.measureText(span.name).width + 8 > right - left) continue;
      context.fillStyle = span.text;
      context.fillText(span.name, left + 4, mediaSize.height - 3);
    }
  }
}
