// The course of the controlled variable and, below it, of delivery, on one axis of time.

import { civilMinutes, deviceNow } from "./ages.js";

/* global uPlot */
const place = document.getElementById("plot");
let chart = null;
let plots = [];

/** Fetches the curves and draws them. */
export async function load() {
  const response = await fetch("/chart.json");
  chart = await response.json();
  document.getElementById("chart-words").textContent = chart.summary;
  place.setAttribute("aria-label", chart.summary);
  draw();
}

export function start() {
  load().catch(() => {});
  new ResizeObserver(() => draw()).observe(place.parentElement);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => draw());
  setInterval(() => draw(), 30000);
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Minutes on the axis: civil ones, or before now while civil time is unknown. */
const minutes = (at) => civilMinutes(at) ?? (at - deviceNow()) / 60000;

function label(value) {
  if (civilMinutes(0) === null) return `${Math.round(value)} min`;
  const minute = ((Math.floor(value) % 1440) + 1440) % 1440;
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

function draw() {
  if (!chart) return;
  for (const plot of plots) plot.destroy();
  place.replaceChildren();
  const all = [...chart.upper, ...chart.lower].flatMap((series) => series.points);
  if (all.length === 0) return;
  const first = Math.min(...all.map(([at]) => minutes(at)));
  const range = [first, minutes(deviceNow())];
  const width = place.clientWidth;
  const tall = width < 500 ? [170, 120] : [230, 140];
  plots = [[chart.upper, true], [chart.lower, false]]
    .filter(([series]) => series.length > 0)
    .map(([series, upper], index) => one(series, upper, range, width, tall[index]));
}

function one(series, upper, range, width, height) {
  const strokes = [color("--curve"), color("--curve-2"), color("--soft")];
  const axis = { stroke: color("--soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
  const unit = series[0].unit;
  const options = {
    width, height, cursor: { show: false }, legend: { show: false },
    scales: { x: { time: false, range }, y: { range: (_, low, high) => span(low, high, upper) } },
    axes: [
      { ...axis, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 240, 720], values: (_, at) => at.map(label), space: 60 },
      { ...axis, size: 48 },
    ],
    series: [{}, ...series.map((each, index) => ({
      stroke: strokes[index % strokes.length], width: 2, dash: index > 0 ? [8, 4] : undefined,
      points: { show: false },
      paths: each.steps ? uPlot.paths.stepped({ align: 1 }) : undefined,
    }))],
    hooks: { drawClear: [(plot) => upper && bands(plot)], draw: [(plot) => upper && marks(plot)] },
  };
  const head = document.createElement("p");
  head.className = "about";
  head.textContent = series.map((each) => each.name + (each.unit ? `, ${each.unit}` : "")).join("; ");
  place.append(head);
  const tables = series.map((each) => [
    each.points.map(([at]) => minutes(at)), each.points.map(([, value]) => value),
  ]);
  return new uPlot(options, tables.length > 1 ? uPlot.join(tables) : tables[0], place);
}

/** The scale holds the curve and the shaded ranges, and delivery begins at zero. */
function span(low, high, upper) {
  const ends = upper ? chart.bands.flatMap((band) => [band.low, band.high]) : [0];
  const least = Math.min(low ?? Infinity, ...ends);
  const most = Math.max(high ?? -Infinity, ...ends);
  const room = (most - least || 1) * 0.08;
  return [upper ? least - room : 0, most + room];
}

function bands(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = color("--band");
  for (const band of chart.bands) {
    const top = plot.valToPos(band.high, "y", true);
    ctx.fillRect(bbox.left, top, bbox.width, plot.valToPos(band.low, "y", true) - top);
  }
  ctx.restore();
}

function marks(plot) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color("--soft");
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.setLineDash([4, 4]);
  // Two lines of words; what has no room in either is told by its line here and in words below.
  const ends = [-Infinity, -Infinity];
  for (const mark of chart.marks) {
    const x = plot.valToPos(minutes(mark.at), "x", true);
    if (x < bbox.left) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const wide = ctx.measureText(mark.words).width + 6;
    const fits = x + wide <= bbox.left + bbox.width;
    const left = fits ? x + 6 : Math.max(bbox.left + 2, x - wide);
    const row = ends.findIndex((end) => left > end);
    if (row < 0) continue;
    ends[row] = left + wide;
    ctx.fillText(mark.words, left, bbox.top + (14 + 15 * row) * devicePixelRatio);
  }
  ctx.restore();
}
