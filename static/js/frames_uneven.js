// @ts-check
// To the next picture of a recording whose pictures come unevenly, or back to the one before. Only the browser knows
// when they begin, so it is asked by looking at moments until the right one is found. Times are ms.

// Two pictures nearer to each other are one to the eye, and to a screen.
const CLOSE_MS = 1;
const SAME_MS = 0.01;
// How far on the next picture is looked for at first; then by what the last one taught.
const REACH_MS = 16;
const MARGIN = 1.3;
const LEAST_REACH_MS = 4;
const MOST_REACH_MS = 250;
// Within this time the browser tells of a picture that it has shown already.
const BELATED_MS = 50;

/**
 * @param {object} tools
 * @param {HTMLVideoElement} tools.video
 * @param {() => boolean} tools.tells whether the browser says which picture it shows
 * @param {() => number | null} tools.shown when the picture on the screen began; null as long as there is none
 * @param {(ms: number) => void} tools.move
 * @param {(ms: number) => number} tools.inside where a picture that begins there is looked at
 * @param {(ms: number) => void} tools.arrive this picture is the one to stay at
 * @param {(way: number) => void} tools.skip what to do where nothing tells
 * @param {() => void} tools.rest no more is to be done
 * @param {number[]} tools.nudges ms by which to look again where a picture was not told
 * @param {number} tools.pause ms between two seeks that both are to be seen
 * @param {number} tools.patience how long after a seek its picture may come
 */
export function createWalk({ video, tells, shown, move, inside, arrive, skip, rest, nudges, pause, patience }) {
  let owed = 0;
  let turn = 0;
  let busy = false;
  let reach = REACH_MS;
  let stood = 0;

  /** Tells when the picture of that moment began; null when it was not told. @param {number} ms @returns {Promise<number | null>} */
  async function look(ms) {
    const mine = turn;
    for (const hair of [0, ...nudges]) {
      const found = await glance(ms + hair);
      if (found !== null || mine !== turn) return found;
    }
    return null;
  }

  /** @param {number} ms @returns {Promise<number | null>} */
  function glance(ms) {
    return new Promise((resolve) => {
      const stood = video.currentTime;
      let told = false;
      let there = false;
      const done = () => resolve(told ? shown() : null);
      const arrived = () => {
        if (video.seeking) return;
        video.removeEventListener("seeked", arrived);
        there = true;
        // Whoever seeks to where he stands is shown nothing new. What was told on the way may be of the picture before.
        told ||= video.currentTime === stood && shown() !== null;
        setTimeout(done, told ? BELATED_MS : patience);
      };
      video.addEventListener("seeked", arrived);
      // After the clock's own call, which waits for the same picture since before.
      video.requestVideoFrameCallback(() => {
        told = true;
        if (there) done();
      });
      move(ms);
    });
  }

  /** The beginning of the next picture; the same one at the end, null when it was not told or is no longer wanted. @param {number} from */
  async function next(from) {
    const mine = turn;
    let low = from;
    let high = from;
    for (let gap = reach; high <= from + SAME_MS; gap *= 2) {
      if (low >= video.duration * 1000) return from;
      const found = await look(low + gap);
      if (found === null || mine !== turn) return null;
      if (found > from + SAME_MS) high = found;
      else low += gap;
    }
    // Another one may lie between.
    while (high - CLOSE_MS > low) {
      const found = await look(high - CLOSE_MS);
      if (found === null || mine !== turn) return null;
      if (found <= from + SAME_MS) break;
      high = found;
    }
    reach = Math.max(LEAST_REACH_MS, Math.min(MOST_REACH_MS, (high - from) * MARGIN));
    return high;
  }

  /** One picture on or back. @param {number} way @returns {Promise<boolean>} whether there was one */
  async function go(way) {
    const mine = turn;
    stood = video.currentTime * 1000;
    const from = tells() ? shown() ?? await look(stood + CLOSE_MS / 2) : null;
    if (mine !== turn) return false;
    const found = from === null ? null : await (way > 0 ? next(from) : look(Math.max(0, from - CLOSE_MS / 2)));
    if (mine !== turn) return false;
    if (from === null || found === null) {
      skip(way);
      return true;
    }
    const moved = Math.abs(found - from) > SAME_MS;
    // Alone, so that its picture comes onto the screen too.
    await new Promise((calm) => setTimeout(calm, pause));
    if (mine !== turn) return false;
    await look(moved ? inside(found) : stood);
    if (moved && mine === turn) arrive(found);
    return moved;
  }

  async function run() {
    const mine = ++turn;
    busy = true;
    while (owed && mine === turn) {
      const way = Math.sign(owed);
      owed -= way;
      // At an end, the other steps that lead beyond it are as vain.
      if (!(await go(way)) && mine === turn && Math.sign(owed) === way) owed = 0;
    }
    if (mine !== turn) return;
    busy = false;
    rest();
  }

  return {
    busy: () => busy,
    /** @param {number} pictures on, or back below 0; added to those that are still to go */
    step(pictures) {
      owed += pictures;
      if (!busy) run();
    },
    /** @returns {number | null} where the video stood, when it is at a moment that was only looked at */
    stop() {
      const from = busy ? stood : null;
      turn += 1;
      owed = 0;
      busy = false;
      return from;
    },
  };
}
