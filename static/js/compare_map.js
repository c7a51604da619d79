// @ts-check
// Which moment of one version is which of the other. Times are ms; see critique/comments/timemap.py.

/** @typedef {[number, number]} Knot a moment of the one, and of the other */

/** Moments of one version in the other; a run is a stretch that lies in both. */
export class TimeMap {
  /** @param {Knot[][]} runs */
  constructor(runs) {
    this.runs = [...runs].sort((one, other) => one[0][0] - other[0][0]);
  }

  /** The same map, read the other way. @returns {TimeMap} */
  reversed() {
    return new TimeMap(this.runs.map((run) => run.map(([from, to]) => /** @type {Knot} */ ([to, from]))));
  }

  /** @param {number} ms @returns {Knot[] | null} the run this moment lies in */
  runAt(ms) {
    const run = this.runs[lastBefore(this.runs, ms, (one) => one[0][0])];
    return run && ms <= run[run.length - 1][0] ? run : null;
  }

  /** The same moment in the other version; null where that passage is gone. @param {number} ms @returns {number | null} */
  at(ms) {
    const run = this.runAt(ms);
    return run && along(run, ms);
  }

  /** Where the other one was last before this moment; 0 before all of them. @param {number} ms @returns {number} */
  before(ms) {
    const run = this.runs[lastBefore(this.runs, ms, (one) => one[0][0])];
    return run ? along(run, Math.min(ms, run[run.length - 1][0])) : 0;
  }

  /** Where the other one will be a little later, as if the passage went on. @param {number} ms @param {number} later ms @returns {number | null} */
  ahead(ms, later) {
    const run = this.runAt(ms);
    if (!run) return null;
    const [end] = run[run.length - 1];
    const inside = Math.min(ms + later, end);
    return along(run, inside) + (ms + later - inside);
  }
}

/** @param {Knot[]} run @param {number} ms inside of it @returns {number} */
function along(run, ms) {
  const place = lastBefore(run, ms, (knot) => knot[0]);
  const [[from, to], [nextFrom, nextTo]] = [run[place], run[Math.min(place + 1, run.length - 1)]];
  return nextFrom === from ? to : to + ((ms - from) * (nextTo - to)) / (nextFrom - from);
}

/** @template T @param {T[]} list @param {number} ms @param {(one: T) => number} of @returns {number} -1 for none */
function lastBefore(list, ms, of) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
