// @ts-check
// Paints stretches of words. The CSS Custom Highlight API draws one unbroken line; without it each word gets a class.

/** @typedef {[number, number]} Stretch positions of the first and the last word */

const registry = /** @type {Map<string, unknown> | undefined} */ (/** @type {any} */ (CSS).highlights);
const Ink = /** @type {any} */ (globalThis).Highlight;

/**
 * @param {HTMLElement[]} spans the words
 * @param {string} name as in ::highlight(name) and .is-name
 * @returns {(stretches: Stretch[]) => void} paints these and no others
 */
export function createInk(spans, name) {
  /** @type {HTMLElement[]} */
  let painted = [];
  return (stretches) => {
    const whole = stretches.filter(([first, last]) => spans[first]?.firstChild && spans[last]?.firstChild);
    if (registry && Ink) {
      if (whole.length || registry.has(name)) registry.set(name, new Ink(...whole.map(([first, last]) => rangeOver(spans[first], spans[last]))));
      return;
    }
    for (const span of painted) span.classList.remove(`is-${name}`);
    painted = whole.flatMap(([first, last]) => spans.slice(first, last + 1));
    for (const span of painted) span.classList.add(`is-${name}`);
  };
}

/** A range that the browser need not keep right while the page changes: words never do. @param {HTMLElement} first @param {HTMLElement} last */
function rangeOver(first, last) {
  const [startContainer, endContainer] = [/** @type {Text} */ (first.firstChild), /** @type {Text} */ (last.firstChild)];
  return new StaticRange({ startContainer, startOffset: 0, endContainer, endOffset: endContainer.length });
}
