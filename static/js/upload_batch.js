// @ts-check
// Several pictures on their way to one version: which of them are there already, remembered on this device.

/** @typedef {{walkthrough: string, done: string[], all: string[], name: string}} Batch */

/** @param {string} place one for each person and request */
export function createBatch(place) {
  const key = `critique.pictures.${place}`;

  /** @returns {Batch | null} what was begun and is not whole */
  function left() {
    try {
      const batch = JSON.parse(localStorage.getItem(key) ?? "null");
      return batch?.walkthrough && batch.done.length < batch.all.length ? batch : null;
    } catch {
      return null;
    }
  }

  /** @param {Batch | null} batch */
  function keep(batch) {
    try {
      if (batch) localStorage.setItem(key, JSON.stringify(batch));
      else localStorage.removeItem(key);
    } catch { /* it goes on while this page is open */ }
  }

  return { left, keep };
}

/** The rows that show how far each picture is. @param {HTMLElement} list @param {File[]} files */
export function drawRows(list, files) {
  const rows = files.map((file) => {
    const row = document.createElement("li");
    row.className = "upload__row";
    const name = document.createElement("span");
    name.className = "upload__name";
    name.textContent = file.name;
    const state = document.createElement("span");
    state.className = "upload__words";
    const bar = document.createElement("progress");
    bar.className = "progress";
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    row.append(name, state, bar);
    return { row, state, bar };
  });
  list.replaceChildren(...rows.map(({ row }) => row));
  list.hidden = files.length < 2;
  return {
    /** @param {number} at @param {number} sent bytes @param {string} words */
    show(at, sent, words) {
      rows[at].bar.value = sent;
      rows[at].state.textContent = words;
    },
  };
}
