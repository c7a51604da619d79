// @ts-check
// What was drawn on the frame of a version lies on its picture while it is spoken about; of the comment that is open, it
// lies faintly on the other picture too, to see what became of it.
import { regionLayer } from "app/draw_layer.js";

/** @typedef {import("app/compare_together.js").Together} Together */
/** @typedef {import("app/compare_together.js").Side} Side */
/** @typedef {import("app/compare_rows.js").Note} Note */
/** @typedef {import("app/draw_shapes.js").Shape} Shape */

/**
 * @param {Together} together
 * @param {import("app/compare_rows.js").Rows} rows
 */
export function createRegions(together, rows) {
  if (!rows.notes.some((note) => note.region)) return;
  const sides = /** @type {Side[]} */ (["old", "new"]).map((side) => ({
    side, layer: regionLayer(together.videos[side]), shown: "",
  }));
  /** @type {Map<number, Shape[]>} */
  const shapes = new Map(rows.notes.filter((note) => note.region).map((note) => [note.id, JSON.parse(note.region)]));

  function show() {
    for (const one of sides) {
      const at = together.videos[one.side].currentTime * 1000;
      const own = rows.notesAt(one.side, at).filter((note) => shapes.has(note.id));
      const lit = rows.lit();
      const other = lit && lit.side !== one.side && shapes.has(lit.id) && rows.notesAt(lit.side, together.videos[lit.side].currentTime * 1000).includes(lit) ? lit : null;
      const key = [...own, other].map((note) => note?.id).join();
      if (key === one.shown) continue;
      one.shown = key;
      const regions = own.map((note) => ({ shapes: shapes.get(note.id) ?? [] }));
      one.layer.show(other ? [...regions, { shapes: shapes.get(other.id) ?? [], faint: true }] : regions);
    }
  }
  together.addEventListener("time", show);
  show();
}
